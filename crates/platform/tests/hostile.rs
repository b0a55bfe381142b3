//! A host that does what it likes: thousands of random commands, in any order and with any bytes. Nothing panics, a command that is refused changes
//! nothing, and the platform counts right.

#[path = "generators/lab.rs"]
mod lab;

use lab::Seeded;
use sev_launch_abi::Generation;
use sev_launch_platform::rand_core::Rng as _;
use sev_launch_platform::{
    Handle, Model, Platform, PlatformState, Session, SigningKey, SnpConfig, SnpFinish, Status,
};

const COMMANDS: u64 = 20_000;

struct Host {
    platform: Platform,
    random: Seeded,
    sev: u32,
    snp: u32,
}

impl Host {
    fn bytes(&mut self, usual: usize) -> Vec<u8> {
        let length = match self.random.below(4) {
            0 => usize::try_from(self.random.below(5000)).unwrap_or_default(),
            _ => usual,
        };
        let mut bytes = vec![0; length];
        self.random.fill_bytes(&mut bytes);
        bytes
    }

    fn handle(&mut self) -> Handle {
        let low = u32::try_from(self.random.below(6)).unwrap_or_default();
        let high = [0, 0x8000_0000, 0xffff_fff0];
        let high = high[usize::try_from(self.random.below(3)).unwrap_or_default()];
        Handle::from_number(high | low)
    }

    fn word(&mut self) -> u32 {
        let [.., a, b, c, d] = self.random.word().to_be_bytes();
        u32::from_be_bytes([a, b, c, d])
    }

    /// One command.
    fn command(&mut self) -> Result<(), Status> {
        let guest = self.handle();
        match self.random.below(16) {
            0 => {
                let policy = [0x1, 0x5, self.word()];
                let policy = policy[usize::try_from(self.random.below(3)).unwrap_or_default()];
                let (godh, session) = (self.bytes(2084), self.bytes(128));
                let session = Session { godh: &godh, session: &session };
                let session = (self.random.below(2) == 0).then_some(session);
                self.platform.launch_start(policy, session).map(|_| self.sev += 1)
            }
            1 => {
                let bytes = self.bytes(64);
                self.platform.launch_update_data(guest, &bytes)
            }
            2 => {
                let bytes = self.bytes(4096);
                self.platform.launch_update_vmsa(guest, &bytes)
            }
            3 => self.platform.launch_measure(guest).map(drop),
            4 => {
                let (header, packet) = (self.bytes(52), self.bytes(64));
                let length = usize::try_from(self.random.below(100)).unwrap_or_default();
                self.platform.launch_secret(guest, &header, &packet, length).map(drop)
            }
            5 => self.platform.launch_finish(guest),
            6 => self.platform.attestation(guest, [0; 16]).map(drop),
            7 => {
                let policy = if self.random.below(3) == 0 { self.random.word() } else { 0x3_0000 };
                self.platform.snp_launch_start(policy).map(|_| self.snp += 1)
            }
            8 | 9 => {
                let (page, page_type) = (self.bytes(4096), self.random.below(8));
                let gpa = self.random.word() & !0xfff;
                let page_type = u8::try_from(page_type).unwrap_or(u8::MAX);
                self.platform.snp_launch_update(guest, gpa, page_type, &page)
            }
            10 => {
                let (block, auth) = (self.bytes(96), self.bytes(4096));
                let id_block = (self.random.below(2) == 0).then_some((&block[..], &auth[..]));
                let author_key_enabled = self.random.below(4) == 0;
                let finish = SnpFinish { id_block, author_key_enabled, ..SnpFinish::PLAIN };
                self.platform.snp_launch_finish(guest, finish)
            }
            11 => {
                let vmpl = u32::try_from(self.random.below(5)).unwrap_or_default();
                self.platform.report(guest, vmpl, &[0; 64], SigningKey::Vlek).map(drop)
            }
            12 => {
                let before = self.platform.digest(guest).is_ok();
                let is_snp = guest.number() >= 0x8000_0000;
                self.platform.decommission(guest);
                match (before, is_snp) {
                    (true, true) => self.snp -= 1,
                    (true, false) => self.sev -= 1,
                    (false, _) => {}
                }
                Ok(())
            }
            13 => {
                let (pek, oca) = (self.bytes(2084), self.bytes(2084));
                self.platform.pek_cert_import(&pek, &oca)
            }
            14 => {
                let reported_tcb = self.random.word().to_be_bytes();
                let reported_tcb = sev_launch_abi::snp::TcbVersion::from_bytes(reported_tcb);
                let config = SnpConfig { reported_tcb, mask_chip_id: true, mask_chip_key: false };
                self.platform.snp_config(config)
            }
            _ => self.platform.pdh_gen(),
        }
    }
}

#[test]
fn thousands_of_random_commands() {
    let platform = Platform::new(Model::of(Generation::Milan), &[7; 32]);
    let mut host = Host { platform, random: Seeded(20_261_128), sev: 0, snp: 0 };
    let (mut taken, mut refused) = (0, 0);
    for number in 0..COMMANDS {
        let handles: Vec<Handle> =
            (0..6).flat_map(|low| [low, 0x8000_0000 | low]).map(Handle::from_number).collect();
        let digests = |host: &Host| {
            handles.iter().map(|handle| host.platform.digest(*handle)).collect::<Vec<_>>()
        };
        let before = (digests(&host), host.platform.status());
        match host.command() {
            Ok(()) => taken += 1,
            Err(_) => {
                refused += 1;
                let after = (digests(&host), host.platform.status());
                assert_eq!(after, before, "command {number}");
            }
        }
        let status = host.platform.status();
        assert_eq!(status.guests, host.sev, "command {number}");
        let is_working = status.state == PlatformState::Working;
        assert_eq!(is_working, host.sev > 0, "command {number}");
        let snp = host.platform.snp_platform_status();
        assert_eq!(snp.map(|status| status.guests), Ok(host.snp), "command {number}");
    }
    assert!(taken > 1000 && refused > 1000, "{taken} were taken, {refused} refused");
}
