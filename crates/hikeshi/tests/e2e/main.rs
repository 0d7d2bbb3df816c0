//! The product from end to end: the real binary, real processes, real sockets. One story per test.

#[path = "../common/mod.rs"]
mod common;

mod answering;
mod checking;
mod clients;
mod confining;
mod foreign;
mod full_disk;
mod hostile;
mod importing;
mod linting;
mod measuring;
mod outliving;
mod people;
mod quieting;
mod repairing;
mod ruling;
mod scanning;
mod secrets;
mod starting;
mod surface;
mod surveying;
mod surviving;
mod telling;
