//! Enums of which every variant has a name.

/// Declares one: its variants with their names, in the order in which they are tried, and what such a name is.
macro_rules! named {
    (
        $(#[$meta:meta])* pub enum $enum:ident { $($(#[$doc:meta])* $variant:ident $name:literal,)* }
        $(#[$what:meta])* name
    ) => {
        $(#[$meta])*
        pub enum $enum { $($(#[$doc])* $variant,)* }

        impl $enum {
            /// All, in the order in which they are tried.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$variant),*];

            $(#[$what])*
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

pub(crate) use named;
