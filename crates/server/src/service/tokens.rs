//! Tokens, and the audit.
//!
//! A token is `sat_<id>_<secret>_<check>`: 12 digits of hex, 43 characters of base64url for 32 random bytes, and 8 digits of hex, the
//! first bytes of the SHA-256 of what stands before, so that a mistyped token is known without the store. Kept is the SHA-256 of the
//! secret alone.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sev_launch_protocol::audit::Actor;
use sev_launch_protocol::body;
use sev_launch_protocol::problem::{Code, Problem};
use sev_launch_protocol::text::{RequestId, Time, VmId};
use sev_launch_protocol::views::{
    AuditPage, CheckpointList, Scope, TokenList, TokenRequest, TokenView,
};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::registrations::unavailable;
use super::{Answered, Service, random_bytes};
use crate::access::Identity;
use crate::store::{Caller, TokenRow};

/// Milliseconds of a day.
const DAY: u64 = 86_400_000;

/// Records that are read at once, and bytes of them after which a page ends.
const RECORDS_AT_ONCE: u32 = 50;
const MOST_PAGE: usize = 4 << 20;

/// The most checkpoints in one answer.
const MOST_CHECKPOINTS: u32 = 1000;

/// A token as it was shown: its id, and what proves it.
pub struct Shown {
    /// Its id.
    pub id: String,
    secret: Zeroizing<[u8; 32]>,
}

impl std::fmt::Debug for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Shown({})", self.id)
    }
}

impl Shown {
    /// Reads a token; `None` if it is none, or mistyped.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (before, check) = text.rsplit_once('_')?;
        let (id, secret) = before.strip_prefix("sat_")?.split_at_checked(12)?;
        let secret = secret.strip_prefix('_')?;
        if check != checked(before)
            || !id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        {
            return None;
        }
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(secret).ok()?);
        let secret: [u8; 32] = bytes.as_slice().try_into().ok()?;
        Some(Self { id: id.to_owned(), secret: Zeroizing::new(secret) })
    }

    /// Is it the token of a row? Compared in constant time.
    #[must_use]
    pub fn proves(&self, row: &TokenRow) -> bool {
        use subtle::ConstantTimeEq as _;
        let hash: [u8; 32] = Sha256::digest(*self.secret).into();
        hash.ct_eq(&row.hash).into()
    }
}

fn checked(before: &str) -> String {
    let digest: [u8; 32] = Sha256::digest(before).into();
    let [a, b, c, d, ..] = digest;
    hex::encode([a, b, c, d])
}

/// A new token: its row, and its text, which is shown once.
fn make(view: TokenView) -> (TokenRow, String) {
    let id = hex::encode(random_bytes::<6>());
    let secret = Zeroizing::new(random_bytes::<32>());
    let before = format!("sat_{id}_{}", URL_SAFE_NO_PAD.encode(*secret));
    let text = format!("{before}_{}", checked(&before));
    (TokenRow { view: TokenView { id, ..view }, hash: Sha256::digest(*secret).into() }, text)
}

impl Service {
    /// A token that may launch one guest, for as long as the guest is registered, ten years at most.
    pub(super) fn launch_token(&self, caller: &Caller, vmid: VmId) -> (TokenRow, String) {
        make(TokenView {
            id: String::new(),
            name: format!("launch of {vmid}"),
            tenant: caller.tenant.clone(),
            scopes: vec![Scope::Launch],
            vmid: Some(vmid),
            created: caller.now,
            expires: caller.now.after(DAY.saturating_mul(3650)),
            token: None,
        })
    }

    /// `POST /token`, asked for by `identity`.
    ///
    /// # Errors
    ///
    /// What is wrong with the body; `not-allowed`, if it asks for more than who asks has.
    pub fn make_token(
        &self,
        caller: &Caller,
        identity: &Identity,
        body: &[u8],
    ) -> Answered<TokenView> {
        let request: TokenRequest = body::read(body)?;
        request.check()?;
        let held = &identity.scopes;
        let admin = held.contains(&Scope::Admin);
        let mut scopes = request.scopes;
        scopes.sort_unstable();
        scopes.dedup();
        if let Some(scope) = scopes.iter().find(|scope| !may_give(held, **scope)) {
            let detail = format!("the scope {} is not held by who asks for it", scope.name());
            return Err(Problem::at(Code::NotAllowed, "#/scopes", detail));
        }
        let days = request.days.unwrap_or(TokenRequest::DAYS);
        let tenant = match request.tenant {
            Some(tenant) if tenant.as_str() == caller.tenant => caller.tenant.clone(),
            Some(tenant) if admin && is_tenant(tenant.as_str()) => tenant.as_str().to_owned(),
            Some(_) if admin => {
                let detail = "a tenant's name is 1 to 63 of a-z, 0-9 and '-'";
                return Err(Problem::at(Code::Schema, "#/tenant", detail));
            }
            Some(_) => return Err(Problem::at(Code::NotAllowed, "#/tenant", "is another tenant")),
            None => caller.tenant.clone(),
        };
        let (row, text) = make(TokenView {
            id: String::new(),
            name: request.name.as_str().to_owned(),
            tenant: tenant.clone(),
            scopes,
            vmid: request.vmid,
            created: caller.now,
            expires: identity
                .expires
                .filter(|_| !admin)
                .map_or(Time::from_millis(u64::MAX), |own| own)
                .min(caller.now.after(u64::from(days).saturating_mul(DAY))),
            token: None,
        });
        // In the audit of the tenant whose token it is.
        let caller = Caller { tenant, ..caller.clone() };
        self.store.add_token(&caller, &row).map_err(unavailable)?;
        Ok(TokenView { token: Some(text), ..row.view })
    }

    /// A token that nobody asked for over HTTP: to begin with. Its text.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub fn first_token(
        &self,
        tenant: &str,
        name: &str,
        scopes: &[Scope],
        days: u32,
    ) -> Answered<String> {
        let now = self.now();
        let caller = Caller {
            tenant: tenant.to_owned(),
            request: RequestId::new(now.millis(), &random_bytes()),
            actor: Actor::service(),
            now,
        };
        let (row, text) = make(TokenView {
            id: String::new(),
            name: name.to_owned(),
            tenant: tenant.to_owned(),
            scopes: scopes.to_vec(),
            vmid: None,
            created: now,
            expires: now.after(u64::from(days).saturating_mul(DAY)),
            token: None,
        });
        self.store.add_token(&caller, &row).map_err(unavailable)?;
        Ok(text)
    }

    /// `GET /token`.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub fn list_tokens(&self, caller: &Caller) -> Answered<TokenList> {
        Ok(TokenList { items: self.store.tokens(&caller.tenant).map_err(unavailable)? })
    }

    /// `DELETE /token/{id}`, asked for by `identity`.
    ///
    /// # Errors
    ///
    /// `no-such-token`, also for one that may more than who asks could make.
    pub fn remove_token(&self, caller: &Caller, identity: &Identity, id: &str) -> Answered<()> {
        let row = self.store.token(id).map_err(unavailable)?;
        let row = row.filter(|row| row.view.tenant == caller.tenant).ok_or(Code::NoSuchToken)?;
        let own = identity.actor.kind == "token" && identity.actor.id == id;
        if !own && !row.view.scopes.iter().all(|scope| may_give(&identity.scopes, *scope)) {
            return Err(Code::NoSuchToken.into());
        }
        let removed = self.store.remove_token(caller, id).map_err(unavailable)?;
        if removed { Ok(()) } else { Err(Code::NoSuchToken.into()) }
    }

    /// The token of a text at `now`.
    ///
    /// # Errors
    ///
    /// `bad-credentials`, `expired-credentials`.
    pub fn token(&self, text: &str, now: Time) -> Answered<TokenView> {
        let shown = Shown::parse(text).ok_or(Code::BadCredentials)?;
        let row = self.store.token(&shown.id).map_err(unavailable)?;
        let row = row.filter(|row| shown.proves(row)).ok_or(Code::BadCredentials)?;
        if row.view.expires <= now {
            return Err(Code::ExpiredCredentials.into());
        }
        Ok(row.view)
    }

    /// `GET /audit`.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub fn audit(&self, caller: &Caller, after: u64, limit: u32) -> Answered<AuditPage> {
        let (mut lines, mut bytes, mut last) = (Vec::new(), 0_usize, after);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        loop {
            let rows =
                self.store.audit(&caller.tenant, last, RECORDS_AT_ONCE).map_err(unavailable)?;
            if rows.is_empty() {
                return Ok(AuditPage { lines, next: None });
            }
            for (seq, line) in rows {
                if lines.len() >= limit || bytes >= MOST_PAGE {
                    return Ok(AuditPage { lines, next: Some(last) });
                }
                bytes = bytes.saturating_add(line.len());
                lines.push(line);
                last = seq;
            }
        }
    }

    /// `GET /audit/checkpoints`.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub fn checkpoints(&self, caller: &Caller) -> Answered<CheckpointList> {
        let items =
            self.store.checkpoints(&caller.tenant, MOST_CHECKPOINTS).map_err(unavailable)?;
        Ok(CheckpointList { key: self.keys.audit_key(), items })
    }

    /// Signs the heads of all audits that grew. How many there were.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub fn checkpoint(&self) -> Answered<u32> {
        self.store.checkpoint(self.now(), &|point| self.keys.sign(point)).map_err(unavailable)
    }
}

/// May whoever has `held` give `scope` to others? Who registers guests may hand their launches on.
fn may_give(held: &[Scope], scope: Scope) -> bool {
    held.contains(&Scope::Admin)
        || held.contains(&scope)
        || scope == Scope::Launch && held.contains(&Scope::VmWrite)
}

/// Is it the name of a tenant: 1 to 63 of a-z, 0-9 and `-`?
#[must_use]
pub fn is_tenant(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&name.len()) && name.bytes().all(fits)
}
