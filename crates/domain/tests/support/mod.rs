//! What the property tests share: a small shop to watch over, a town in which it stands, and random stories about it.

pub mod others;
pub mod rota;
pub mod shop;
pub mod story;
pub mod town;
