//! How fast the libraries that others use hash on this machine: the floor of `cargo xtask bench-peers`.
//!
//! One pass of each on one thread, one line of JSON: SHA-256 of 64 MiB in one call and SHA-384 of 4 KiB pages one by one, in
//! MB/s (10^6 bytes), and HMAC-SHA-256 of the 56 bytes of a launch measurement, each under a key of its own, per second.
//! `--without-sha` leaves out the libraries that cannot be told to leave SHA instructions alone: ring and `sha2` ask the
//! processor themselves, OpenSSL and AWS-LC heed OPENSSL_ia32cap.

use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use sha2::Digest as _;

const STREAM: usize = 64 << 20;
const PAGE: usize = 4096;
const PAGES: usize = 16 << 20;
const MESSAGES: u32 = 50_000;

type Hash<'a> = (&'a str, fn(&[u8]));
type Mac<'a> = (&'a str, fn(&[u8; 16], &[u8; 56]));

fn main() -> Result<(), Box<dyn Error>> {
    let without_sha = std::env::args().any(|argument| argument == "--without-sha");
    let is_wanted = |name: &str| !without_sha || !matches!(name, "ring" | "sha2");
    // Not all zeros, so that no page is the zero page.
    let bytes: Vec<u8> = (0..STREAM).map(|at| at.to_le_bytes()[0] ^ at.to_le_bytes()[1]).collect();

    let sha256: [Hash<'_>; 4] = [
        ("sha2", |bytes| keep(sha2::Sha256::digest(bytes))),
        ("ring", |bytes| keep(ring::digest::digest(&ring::digest::SHA256, bytes))),
        ("aws-lc-rs", |bytes| {
            keep(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes));
        }),
        ("openssl", |bytes| keep(openssl::sha::sha256(bytes))),
    ];
    let sha384: [Hash<'_>; 4] = [
        ("sha2", |bytes| keep(sha2::Sha384::digest(bytes))),
        ("ring", |bytes| keep(ring::digest::digest(&ring::digest::SHA384, bytes))),
        ("aws-lc-rs", |bytes| {
            keep(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA384, bytes));
        }),
        ("openssl", |bytes| keep(openssl::sha::sha384(bytes))),
    ];
    let hmac: [Mac<'_>; 3] = [
        ("ring", |key, message| {
            let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key);
            black_box(ring::hmac::sign(&key, message));
        }),
        ("aws-lc-rs", |key, message| {
            let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, key);
            black_box(aws_lc_rs::hmac::sign(&key, message));
        }),
        ("openssl", |key, message| {
            black_box(openssl_hmac(key, message).expect("OpenSSL has HMAC-SHA-256"));
        }),
    ];

    let stream = sha256.iter().filter(|(name, _)| is_wanted(name)).map(|(name, hash)| {
        let started = Instant::now();
        hash(black_box(&bytes));
        (*name, megabytes(STREAM) / started.elapsed().as_secs_f64())
    });
    let stream = json(stream);
    let pages = sha384.iter().filter(|(name, _)| is_wanted(name)).map(|(name, hash)| {
        let started = Instant::now();
        bytes.chunks(PAGE).take(PAGES / PAGE).for_each(hash);
        (*name, megabytes(PAGES) / started.elapsed().as_secs_f64())
    });
    let pages = json(pages);
    let macs = hmac.iter().filter(|(name, _)| is_wanted(name)).map(|(name, mac)| {
        let started = Instant::now();
        (0..MESSAGES).for_each(|_| mac(black_box(&[9; 16]), black_box(&[0x33; 56])));
        (*name, f64::from(MESSAGES) / started.elapsed().as_secs_f64())
    });
    let macs = json(macs);
    println!("{{\"sha256\": {stream}, \"sha384_pages\": {pages}, \"hmac\": {macs}}}");
    Ok(())
}

/// So that nothing is left out because its result is not used.
fn keep<T>(result: T) {
    let _ = black_box(result);
}

fn openssl_hmac(key: &[u8], message: &[u8]) -> Result<Vec<u8>, openssl::error::ErrorStack> {
    let key = PKey::hmac(key)?;
    Signer::new(MessageDigest::sha256(), &key)?.sign_oneshot_to_vec(message)
}

fn megabytes(bytes: usize) -> f64 {
    u32::try_from(bytes).map_or(f64::NAN, f64::from) / 1e6
}

fn json<'a>(rates: impl Iterator<Item = (&'a str, f64)>) -> String {
    let members: Vec<String> = rates.map(|(name, rate)| format!("\"{name}\": {rate:.1}")).collect();
    format!("{{{}}}", members.join(", "))
}
