//! (this room is being built)
fn main() {}
