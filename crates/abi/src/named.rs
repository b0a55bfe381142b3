//! Enums whose variants have AMD's names, each declared by one table.

/// Declares a plain enum from rows `Variant => "name"`: the type, `ALL` of its variants, `name`, and a `Display` that is the name.
///
/// After the enum's name there may be one number for each variant, `Variant = 1 => "name"`, with the name and type of its method.
///
/// ```
/// sev_launch_abi::named! {
///     /// Which key signed.
///     pub enum Signer, code: u32 {
///         /// The chip's.
///         Chip = 0 => "VCEK",
///         /// The cloud provider's.
///         Provider = 1 => "VLEK",
///     }
/// }
///
/// assert_eq!(Signer::ALL.map(Signer::code), [0, 1]);
/// assert_eq!(Signer::Provider.to_string(), "VLEK");
/// ```
#[macro_export]
macro_rules! named {
    (
        $(#[$meta:meta])*
        pub enum $name:ident, $number:ident: $type:ty {
            $($(#[$doc:meta])* $variant:ident = $value:literal => $text:literal,)+
        }
    ) => {
        $crate::named! {
            $(#[$meta])*
            pub enum $name { $($(#[$doc])* $variant => $text,)+ }
        }

        impl $name {
            #[doc = concat!("The ", stringify!($number), ": its number in AMD's documents.")]
            pub const fn $number(self) -> $type {
                match self { $(Self::$variant => $value,)+ }
            }
        }
    };
    (
        $(#[$meta:meta])*
        pub enum $name:ident { $($(#[$doc:meta])* $variant:ident => $text:literal,)+ }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// All of them, in the order of their declaration.
            pub const ALL: [Self; [$($text),+].len()] = [$(Self::$variant),+];

            /// The name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}
