//! How fast the libraries that others use hash on this machine: the floor of `cargo xtask bench-peers`.
//!
//! One pass of each on one thread, one line of JSON: SHA-256 of 64 MiB in one call and SHA-384 of 4 KiB pages one by one, in
//! MB/s (10^6 bytes), and HMAC-SHA-256 of the 56 bytes of a launch measurement, each under a key of its own, per second.
//! `--without-sha` leaves out the libraries that cannot be told to leave SHA instructions alone: ring and `sha2` ask the
//! processor themselves, OpenSSL and AWS-LC heed OPENSSL_ia32cap.

#![forbid(unsafe_code)]

use std::hint::black_box;
use std::time::Instant;

use aws_lc_rs as aws;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use sha2::Digest as _;

/// A library: its name, and what is timed of it on a text.
type Library = (&'static str, fn(&[u8]));

const SHA256: [Library; 4] = [
    ("sha2", |text| keep(sha2::Sha256::digest(text))),
    ("ring", |text| keep(ring::digest::digest(&ring::digest::SHA256, text))),
    ("aws-lc-rs", |text| keep(aws::digest::digest(&aws::digest::SHA256, text))),
    ("openssl", |text| keep(openssl::sha::sha256(text))),
];
const SHA384: [Library; 4] = [
    ("sha2", |text| keep(sha2::Sha384::digest(text))),
    ("ring", |text| keep(ring::digest::digest(&ring::digest::SHA384, text))),
    ("aws-lc-rs", |text| keep(aws::digest::digest(&aws::digest::SHA384, text))),
    ("openssl", |text| keep(openssl::sha::sha384(text))),
];
const KEY: [u8; 16] = [9; 16];
const HMAC: [Library; 3] = [
    ("ring", |text| {
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, black_box(&KEY));
        keep(ring::hmac::sign(&key, text));
    }),
    ("aws-lc-rs", |text| {
        let key = aws::hmac::Key::new(aws::hmac::HMAC_SHA256, black_box(&KEY));
        keep(aws::hmac::sign(&key, text));
    }),
    ("openssl", |text| {
        let key = PKey::hmac(black_box(&KEY)).expect("OpenSSL takes any key");
        let signer = Signer::new(MessageDigest::sha256(), &key);
        keep(signer.and_then(|mut signer| signer.sign_oneshot_to_vec(text)).expect("it has HMAC"));
    }),
];

fn main() {
    // Not all zeros, so that no page is the zero page.
    let stream: Vec<u8> =
        (0..64_usize << 20).map(|at| at.to_le_bytes()[0] ^ at.to_le_bytes()[1]).collect();
    let pages: Vec<&[u8]> = stream.chunks(4096).take(4096).collect();
    let messages = vec![&[0x33; 56][..]; 50_000];
    println!(
        "{{\"sha256\": {}, \"sha384_pages\": {}, \"hmac\": {}}}",
        rates(&SHA256, &[&stream], 67.108_864),
        rates(&SHA384, &pages, 16.777_216),
        rates(&HMAC, &messages, 50_000.0)
    );
}

/// `amount` divided by the time that each library takes for the texts, as JSON.
fn rates(libraries: &[Library], texts: &[&[u8]], amount: f64) -> String {
    let without_sha = std::env::args().any(|argument| argument == "--without-sha");
    let heeds = |name: &str| !matches!(name, "ring" | "sha2");
    let members = libraries.iter().filter(|(name, _)| !without_sha || heeds(name));
    let members = members.map(|(name, work)| {
        let started = Instant::now();
        texts.iter().for_each(|text| work(black_box(text)));
        format!("\"{name}\": {:.1}", amount / started.elapsed().as_secs_f64())
    });
    format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
}

/// So that nothing is left out because its result is not used.
fn keep<T>(result: T) {
    let _ = black_box(result);
}
