//! The product from end to end: the real binary, real processes, real sockets. One story per test.

#[path = "../common/mod.rs"]
mod common;

mod checking;
mod foreign;
mod full_disk;
mod hostile;
mod people;
mod repairing;
mod secrets;
mod starting;
mod surface;
mod surviving;
