//! Passkeys against an authenticator in software: what it says counts once, here, and with its own signature only.

use accounts::{Accounts, Reply, Site, Unfit};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as B64};
use jiff::Timestamp;
use minicbor::Encoder;
use ring::{
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
        RsaKeyPair,
    },
};
use sha2::{Digest, Sha256};
use std::process::Command;

const ID: &[u8] = b"credential 1";
/// Present, verified.
const GOOD: u8 = 1 | 4;

enum Pair {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

/// What somebody holds in their hand; tests bend what it says.
struct Authenticator {
    pair: Pair,
    flags: u8,
    counter: u32,
    domain: &'static str,
    origin: &'static str,
}

impl Authenticator {
    fn new(pair: Pair) -> Self {
        let (domain, origin) = ("hikeshi.example.jp", "https://hikeshi.example.jp");
        Self { pair, flags: GOOD, counter: 1, domain, origin }
    }

    fn p256() -> Self {
        let random = SystemRandom::new();
        let how = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(how, &random).expect("made");
        let pair = EcdsaKeyPair::from_pkcs8(how, document.as_ref(), &random);
        Self::new(Pair::P256(pair.expect("its own")))
    }

    fn ed25519() -> Self {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("made");
        Self::new(Pair::Ed25519(Ed25519KeyPair::from_pkcs8(document.as_ref()).expect("its own")))
    }

    /// *ring* makes none; openssl does.
    fn rsa() -> Option<Self> {
        let arguments = ["genpkey", "-algorithm", "RSA", "-outform", "DER"];
        let made = Command::new("openssl").args(arguments).output().ok()?;
        let pair =
            RsaKeyPair::from_pkcs8(&made.stdout).or_else(|_| RsaKeyPair::from_der(&made.stdout));
        Some(Self::new(Pair::Rsa(pair.expect("2048 bits"))))
    }

    /// The public key in COSE.
    fn key(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut to = Encoder::new(&mut bytes);
        match &self.pair {
            Pair::P256(pair) => {
                let point = pair.public_key().as_ref();
                to.map(5)
                    .and_then(|to| to.i64(1)?.i64(2)?.i64(3)?.i64(-7)?.i64(-1)?.i64(1))
                    .and_then(|to| to.i64(-2)?.bytes(&point[1..33])?.i64(-3)?.bytes(&point[33..]))
                    .expect("into memory");
            }
            Pair::Ed25519(pair) => {
                to.map(4)
                    .and_then(|to| to.i64(1)?.i64(1)?.i64(3)?.i64(-8)?.i64(-1)?.i64(6))
                    .and_then(|to| to.i64(-2)?.bytes(pair.public_key().as_ref()))
                    .expect("into memory");
            }
            Pair::Rsa(pair) => {
                let parts = ring::rsa::PublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                to.map(4)
                    .and_then(|to| to.i64(1)?.i64(3)?.i64(3)?.i64(-257)?.i64(-1)?.bytes(&parts.n))
                    .and_then(|to| to.i64(-2)?.bytes(&parts.e))
                    .expect("into memory");
            }
        }
        bytes
    }

    fn data(&self, flags: u8) -> Vec<u8> {
        [
            &Sha256::digest(self.domain)[..],
            &[self.flags & GOOD | flags],
            &self.counter.to_be_bytes(),
        ]
        .concat()
    }

    fn client_data(&self, kind: &str, challenge: &str) -> String {
        let origin = self.origin;
        format!(
            r#"{{"type":"{kind}","challenge":"{challenge}","origin":"{origin}","crossOrigin":false}}"#
        )
    }

    fn register(&self, challenge: &str) -> Reply {
        let length = u16::try_from(ID.len()).expect("short").to_be_bytes();
        let data = [&self.data(64)[..], &[0; 16], &length, ID, &self.key()].concat();
        let mut object = Vec::new();
        Encoder::new(&mut object)
            .map(3)
            .and_then(|to| {
                to.str("fmt")?.str("none")?.str("attStmt")?.map(0)?.str("authData")?.bytes(&data)
            })
            .expect("into memory");
        Reply {
            id: B64.encode(ID),
            client_data: B64.encode(self.client_data("webauthn.create", challenge)),
            attestation_object: B64.encode(object),
            ..Reply::default()
        }
    }

    fn sign_in(&self, challenge: &str) -> Reply {
        let (data, client) = (self.data(0), self.client_data("webauthn.get", challenge));
        let text = [&data[..], &Sha256::digest(&client)].concat();
        let random = SystemRandom::new();
        let signature = match &self.pair {
            Pair::P256(pair) => pair.sign(&random, &text).expect("signed").as_ref().to_vec(),
            Pair::Ed25519(pair) => pair.sign(&text).as_ref().to_vec(),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, &text, &mut signature).expect("signed");
                signature
            }
        };
        Reply {
            id: B64.encode(ID),
            client_data: B64.encode(client),
            authenticator_data: B64.encode(data),
            signature: B64.encode(signature),
            user_handle: Some(Accounts::user_handle("佐藤")),
            ..Reply::default()
        }
    }
}

struct House {
    _folder: tempfile::TempDir,
    accounts: Accounts,
}

fn site() -> Site {
    Site { domain: "hikeshi.example.jp".into(), origin: "https://hikeshi.example.jp".into() }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).expect("a time")
}

impl House {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let accounts = Accounts::open(&folder.path().join("accounts.db")).expect("opened");
        Self { _folder: folder, accounts }
    }

    fn register(&self, with: &Authenticator) -> Result<(), Unfit> {
        let challenge = self.accounts.challenge(Some("佐藤"), at(0)).expect("made");
        let reply = with.register(&challenge);
        let new = self.accounts.new_passkey("佐藤", &reply, &site(), at(0)).expect("asked")?;
        assert!(self.accounts.add_passkey("佐藤", "key", &new, at(0)).expect("kept"));
        Ok(())
    }

    fn sign_in(&self, with: &Authenticator) -> Result<String, Unfit> {
        let challenge = self.accounts.challenge(None, at(0)).expect("made");
        self.accounts.signed_in_with(&with.sign_in(&challenge), &site(), at(0)).expect("asked")
    }
}

#[test]
fn a_passkey_of_every_kind_signs_its_owner_in() {
    let mut kinds = vec![Authenticator::p256(), Authenticator::ed25519()];
    match Authenticator::rsa() {
        Some(rsa) => kinds.push(rsa),
        None => assert!(std::env::var_os("CI").is_none(), "openssl is needed in CI"),
    }
    for mut authenticator in kinds {
        let house = House::new();
        house.register(&authenticator).expect("registered");
        for counter in 2..5 {
            authenticator.counter = counter;
            assert_eq!(house.sign_in(&authenticator).as_deref(), Ok("佐藤"));
        }
        assert_eq!(house.sign_in(&authenticator), Err(Unfit::Copied), "the counter stands still");
        let passkeys = house.accounts.passkeys("佐藤").expect("read");
        assert_eq!((passkeys.len(), passkeys[0].used_at), (1, Some(at(0))));
        assert!(house.accounts.factors("佐藤").expect("read").any());
        let number = passkeys[0].number;
        assert!(!house.accounts.remove_passkey("eve", number).expect("asked"), "not theirs");
        assert!(house.accounts.remove_passkey("佐藤", number).expect("removed"));
        authenticator.counter = 9;
        assert_eq!(house.sign_in(&authenticator), Err(Unfit::Unknown));
        assert!(!house.accounts.factors("佐藤").expect("read").any());
    }
}

/// Many authenticators do not count: always zero.
#[test]
fn an_authenticator_without_a_counter_is_taken() {
    let (house, mut authenticator) = (House::new(), Authenticator::p256());
    authenticator.counter = 0;
    house.register(&authenticator).expect("registered");
    for _ in 0..2 {
        assert_eq!(house.sign_in(&authenticator).as_deref(), Ok("佐藤"));
    }
}

#[test]
fn what_is_about_something_else_does_not_count() {
    let (house, mut key) = (House::new(), Authenticator::p256());
    house.register(&key).expect("registered");
    key.counter = 2;
    key.origin = "https://evil.example";
    assert_eq!(house.sign_in(&key), Err(Unfit::Other("the site")));
    assert_eq!(house.register(&key), Err(Unfit::Other("the site")));
    key.origin = "https://hikeshi.example.jp";
    key.domain = "evil.example";
    assert_eq!(house.sign_in(&key), Err(Unfit::Other("the domain")));
    key.domain = "hikeshi.example.jp";
    for flags in [0, 1, 4] {
        key.flags = flags;
        assert_eq!(house.sign_in(&key), Err(Unfit::Unverified), "{flags}");
        assert_eq!(house.register(&key), Err(Unfit::Unverified), "{flags}");
    }
    key.flags = GOOD;
    let other = Authenticator { counter: 2, ..Authenticator::p256() };
    assert_eq!(house.sign_in(&other), Err(Unfit::Signature), "the same id with another key");
    assert_eq!(house.sign_in(&key).as_deref(), Ok("佐藤"));
}

#[test]
fn a_challenge_counts_once_for_its_time_and_for_what_it_was_made() {
    let (house, mut key) = (House::new(), Authenticator::p256());
    house.register(&key).expect("registered");
    let accounts = &house.accounts;
    let said = |reply: &Reply, seconds| {
        accounts.signed_in_with(reply, &site(), at(seconds)).expect("asked")
    };
    key.counter = 2;
    let reply = key.sign_in(&accounts.challenge(None, at(0)).expect("made"));
    assert_eq!(said(&reply, 1).as_deref(), Ok("佐藤"));
    assert_eq!(said(&reply, 1), Err(Unfit::Challenge), "used");
    key.counter = 3;
    let late = key.sign_in(&accounts.challenge(None, at(0)).expect("made"));
    assert_eq!(said(&late, 600), Err(Unfit::Challenge), "over");
    let other = key.sign_in(&accounts.challenge(Some("佐藤"), at(0)).expect("made"));
    assert_eq!(said(&other, 1), Err(Unfit::Challenge), "made for registering");
    let own = key.sign_in("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    assert_eq!(said(&own, 1), Err(Unfit::Challenge), "never asked");
    // What was asked of one account does not register with another, nor does what was said when signing in.
    let reply = key.register(&accounts.challenge(Some("佐藤"), at(0)).expect("made"));
    let new = accounts.new_passkey("eve", &reply, &site(), at(1)).expect("asked");
    assert_eq!(new, Err(Unfit::Challenge));
    let reply = key.sign_in(&accounts.challenge(Some("佐藤"), at(0)).expect("made"));
    let new = accounts.new_passkey("佐藤", &reply, &site(), at(1)).expect("asked");
    assert_eq!(new, Err(Unfit::Other("what was done")));
}

/// Whatever is cut off or flipped in what an authenticator says is refused, and never a panic.
#[test]
fn what_is_broken_is_refused() {
    let house = House::new();
    let whole = Authenticator::p256().register("AAAA");
    let object = B64.decode(&whole.attestation_object).expect("ours");
    let registers = |object: &[u8]| {
        let challenge = house.accounts.challenge(Some("佐藤"), at(0)).expect("made");
        let client = Authenticator::p256().client_data("webauthn.create", &challenge);
        let (attestation_object, client_data) = (B64.encode(object), B64.encode(client));
        let reply = Reply { attestation_object, client_data, ..whole.clone() };
        house.accounts.new_passkey("佐藤", &reply, &site(), at(0)).expect("asked").is_ok()
    };
    assert!(registers(&object));
    for end in 0..object.len() {
        assert!(!registers(&object[..end]), "{end}");
    }
    for bad in [&b"\xbf"[..], b"\xa1\x68authData\x5b\xff\xff\xff\xff\xff\xff\xff\xff", b"\xff", b""]
    {
        assert!(!registers(bad), "{bad:?}");
    }
}
