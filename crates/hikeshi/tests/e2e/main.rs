//! The product from end to end: the real binary, real processes, real sockets. One story per test.

#[path = "../common/mod.rs"]
mod common;
// The same server that the tests of the safe use.
#[path = "../../../secrets/tests/common/mod.rs"]
#[allow(dead_code, reason = "each uses its own part")]
mod fake_google;

mod answering;
mod answering_on_pages;
mod approving;
mod checking;
mod clients;
mod confining;
mod contacting;
mod customers;
mod describing;
mod enrolling;
mod factors;
mod foreign;
mod full_disk;
mod gateways;
mod hostile;
mod importing;
mod keeping_evidence;
mod labelling;
mod linting;
mod measuring;
mod on_call;
mod once;
mod outliving;
mod outside;
mod people;
mod quieting;
mod ready;
mod repairing;
mod replying;
mod ruling;
mod scanning;
mod secret_manager;
mod secrets;
mod showing_pages;
mod signing_in;
mod starting;
mod subscribing;
mod surface;
mod surveying;
mod surviving;
mod teaming;
mod teams;
mod telling;
mod tls;
mod tokens;
mod visitor;
mod working_together;
