//! Images of distributions: all of what is in them, and where two of them differ.

mod anatomy;
mod images;
mod rebuilt;
