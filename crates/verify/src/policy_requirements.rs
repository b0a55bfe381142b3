//! What a guest policy must say, bit by bit: one table for each kind of policy gives the struct, its strict value, and its bits by
//! flag. The kinds differ in their bits, not in how they are asked for.

use thiserror::Error;

/// Declares `PolicyRequirements`: `words` are other than bits and may be anything, `bits` have their flag and their strict value.
macro_rules! policy_requirements {
    (
        $(#[$doc:meta])*
        words { $($(#[$word_doc:meta])* $word:ident: $type:ty,)* }
        $(#[$strict_doc:meta])*
        bits { $($(#[$bit_doc:meta])* $bit:ident: $flag:ident = $strict:expr,)* }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(deny_unknown_fields))]
        pub struct PolicyRequirements {
            $($(#[$word_doc])* pub $word: Requirement<$type>,)*
            $($(#[$bit_doc])* pub $bit: Requirement<bool>,)*
        }

        impl PolicyRequirements {
            $(#[$strict_doc])*
            pub const STRICT: Self =
                Self { $($word: Requirement::Any,)* $($bit: $strict,)* };

            /// What is required of a bit.
            pub const fn of(&self, flag: Flag) -> Requirement<bool> {
                match flag { $(Flag::$flag => self.$bit,)* }
            }

            /// The same, to change it.
            pub const fn of_mut(&mut self, flag: Flag) -> &mut Requirement<bool> {
                match flag { $(Flag::$flag => &mut self.$bit,)* }
            }

            /// A demand on a bit more, which has to be met beside what is demanded already.
            ///
            /// Errors: one that no policy can meet beside it.
            pub fn demand(&mut self, flag: Flag, value: bool) -> Result<(), Contradiction> {
                let bit = self.of_mut(flag);
                let both = bit.and(Requirement::Exactly(value));
                *bit = both.ok_or_else(|| Contradiction { field: flag.name(), value })?;
                Ok(())
            }
        }
    };
}
pub(crate) use policy_requirements;

/// A bit of a policy that is demanded to be what another demand forbids.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{field} is demanded to be {}, which contradicts another demand", u8::from(*.value))]
pub struct Contradiction {
    /// The bit, by AMD's name.
    pub field: &'static str,
    /// What it is demanded to be.
    pub value: bool,
}
