//! A launch that was made, held against the one that is described: by its digest, and by what no digest holds.
//!
//! A yes needs all of it. [`updates`](crate::updates) says more of a digest that is another.
//!
//! The crate's example has no launch to compare; the command's `rehearse` does it.

use std::fmt;

use sev_launch_abi::snp::HostData;
use sev_launch_abi::{LaunchDigest, Technology};

use crate::id_block;
use crate::inputs::Inputs;

/// An ID block with which a guest was launched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaunchedIdBlock {
    /// The 96 bytes of the block.
    pub block: Vec<u8>,
    /// The 4096 bytes of its authentication.
    pub auth: Vec<u8>,
    /// AUTHOR_KEY_EN.
    pub author_key: bool,
}

/// What an AMD-SP launched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launched {
    /// What kind of guest it is.
    pub technology: Technology,
    /// Its policy: 32 bits in SEV and SEV-ES, 64 in SNP.
    pub policy: u64,
    /// HOST_DATA of an SNP guest.
    pub host_data: HostData,
    /// Its ID block, if it has one.
    pub id_block: Option<LaunchedIdBlock>,
    /// The launch digest.
    pub digest: LaunchDigest,
}

/// In what a launch is not the described one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Contradiction {
    /// The launch digest.
    Digest {
        /// What is predicted.
        predicted: LaunchDigest,
        /// What was launched.
        launched: LaunchDigest,
    },
    /// HOST_DATA; a description that says none stands for zeros.
    HostData {
        /// What is described.
        described: HostData,
        /// What was launched.
        launched: HostData,
    },
    /// The ID block: its bytes, those of its authentication, or whether an author's key counts. A description that says none stands for none.
    IdBlock {
        /// Is one described?
        described: bool,
        /// Was one launched with?
        launched: bool,
    },
    /// The policy. One that is not described is not compared.
    Policy {
        /// What is described.
        described: u64,
        /// What was launched.
        launched: u64,
    },
    /// The technology.
    Technology {
        /// What is described.
        described: Technology,
        /// What was launched.
        launched: Technology,
    },
}

impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Digest { predicted, launched } => {
                write!(f, "launch digest: predicted {predicted}, launched {launched}")
            }
            Self::HostData { described, launched } => {
                write!(f, "HOST_DATA: described {described}, launched {launched}")
            }
            Self::IdBlock { described: true, launched: true } => {
                f.write_str("ID block: launched with another one than is described")
            }
            Self::IdBlock { described, .. } => f.write_str(match described {
                true => "ID block: one is described, and launched without",
                false => "ID block: none is described, and launched with one",
            }),
            Self::Policy { described, launched } => {
                write!(f, "policy: described {described:#x}, launched {launched:#x}")
            }
            Self::Technology { described, launched } => {
                write!(f, "technology: described {described}, launched {launched}")
            }
        }
    }
}

/// Everything in which the launch is not the one that these inputs describe, and whose digest is predicted; nothing if it is that one.
pub fn contradictions(
    inputs: &Inputs,
    predicted: LaunchDigest,
    launched: &Launched,
) -> Vec<Contradiction> {
    let described = &inputs.description;
    let mut found = Vec::new();
    let technology = inputs.mode.technology();
    if technology != launched.technology {
        let launched = launched.technology;
        found.push(Contradiction::Technology { described: technology, launched });
    }
    if let Some(policy) = described.policy.as_ref().map(|policy| policy.value)
        && policy != launched.policy
    {
        found.push(Contradiction::Policy { described: policy, launched: launched.policy });
    }
    let data = described.host_data.as_ref().map(|data| data.value);
    let data = data.unwrap_or(HostData::from_bytes([0; 32]));
    if launched.technology == Technology::Snp && data != launched.host_data {
        let launched = launched.host_data;
        found.push(Contradiction::HostData { described: data, launched });
    }
    let block = described.id_block.as_ref().zip(described.id_auth.as_ref());
    let block = block.map(|(block, auth)| LaunchedIdBlock {
        block: block.value.as_bytes().to_vec(),
        auth: auth.value.as_bytes().to_vec(),
        author_key: described.author_key.as_ref().is_some_and(|field| field.value),
    });
    // An IGVM file brings its own.
    let of_file = inputs.igvms.first().and_then(|input| input.loaded.first());
    let block = block.or(of_file.and_then(id_block::launched));
    if block != launched.id_block {
        let (described, launched) = (block.is_some(), launched.id_block.is_some());
        found.push(Contradiction::IdBlock { described, launched });
    }
    if predicted != launched.digest {
        found.push(Contradiction::Digest { predicted, launched: launched.digest });
    }
    found
}

#[cfg(test)]
mod tests {
    use sev_launch_description::{Description, Origin};
    use sev_launch_digest::hash::Portable;
    use sev_launch_testkit::firmware::FirmwareBuilder;

    use super::*;
    use crate::{Memory, Mode, Reading, Sweep};

    #[test]
    fn each_word_of_a_launch_counts() {
        let files = Memory::from([("OVMF.fd", FirmwareBuilder::amd_sev().build())]);
        let text = "technology = 'snp'\npolicy = 0x30000\nvcpus = 1\ncpu = 'EPYC-Milan'\nfirmware.path = 'OVMF.fd'\n";
        let origin = Origin::file("launch.toml");
        let described = Description::from_toml(text, &origin, "".as_ref()).unwrap();
        let mode = Mode::of(&described).unwrap();
        let inputs = Inputs::read(mode, described, Reading::default(), &files, &Portable).unwrap();
        let predicted = Sweep::new(&inputs, &Portable).unwrap().rows().unwrap()[0].digest;
        let good = Launched {
            technology: Technology::Snp,
            policy: 0x30000,
            host_data: HostData::from_bytes([0; 32]),
            id_block: None,
            digest: predicted,
        };
        assert!(contradictions(&inputs, predicted, &good).is_empty());
        let texts = |launched| -> Vec<String> {
            let found = contradictions(&inputs, predicted, &launched);
            found.iter().map(ToString::to_string).collect()
        };
        // Debugging is bit 19.
        let debug = Launched { policy: 0xb0000, ..good.clone() };
        assert_eq!(texts(debug), ["policy: described 0x30000, launched 0xb0000"]);
        let data = Launched { host_data: HostData::from_bytes([7; 32]), ..good.clone() };
        let (zeros, sevens) = ("00".repeat(32), "07".repeat(32));
        assert_eq!(texts(data), [format!("HOST_DATA: described {zeros}, launched {sevens}")]);
        let block = |byte| LaunchedIdBlock {
            block: vec![byte; 96],
            auth: vec![0; 4096],
            author_key: false,
        };
        let blocked = Launched { id_block: Some(block(0)), ..good.clone() };
        assert_eq!(texts(blocked.clone()), ["ID block: none is described, and launched with one"]);
        let text =
            format!("{text}id_block = '{}'\nid_auth = '{}=='\n", "A".repeat(128), "A".repeat(5462));
        let text =
            text.replace("policy = 0x30000\n", "").replace("firmware.path = 'OVMF.fd'\n", "")
                + "firmware.path = 'OVMF.fd'\n";
        let described = Description::from_toml(&text, &origin, "".as_ref()).unwrap();
        let with_block =
            Inputs::read(mode, described, Reading::default(), &files, &Portable).unwrap();
        let of_block = |launched: &Launched| -> Vec<String> {
            let found = contradictions(&with_block, predicted, launched);
            found.iter().map(ToString::to_string).collect()
        };
        assert_eq!(of_block(&blocked), [""; 0]);
        assert_eq!(of_block(&good), ["ID block: one is described, and launched without"]);
        let author = Launched {
            id_block: Some(LaunchedIdBlock { author_key: true, ..block(0) }),
            ..good.clone()
        };
        let other = Launched { id_block: Some(block(1)), ..good.clone() };
        for launched in [author, other] {
            let another = "ID block: launched with another one than is described";
            assert_eq!(of_block(&launched), [another]);
        }
        let es = Launched { technology: Technology::SevEs, ..good.clone() };
        assert_eq!(texts(es), ["technology: described snp, launched sev-es"]);
        let other = sev_launch_abi::snp::LaunchDigest::from_bytes([1; 48]);
        assert_eq!(texts(Launched { digest: other.into(), ..good.clone() }).len(), 1);
    }
}
