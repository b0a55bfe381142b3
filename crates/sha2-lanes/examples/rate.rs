use sev_launch_sha2_lanes::Backend;
use std::time::Instant;
fn rate(name: &str, bytes: usize, mut f: impl FnMut()) {
    let mut r: Vec<f64> = (0..15).map(|_| { let t = Instant::now(); f(); bytes as f64 / 1e6 / t.elapsed().as_secs_f64() }).collect();
    r.sort_by(f64::total_cmp);
    println!("{name:40} {:6.0} (max {:6.0})", r[7], r[14]);
}
fn main() {
    let n = 8 << 20;
    let data: Vec<u8> = (0..n).map(|i| (i * 7 + i / 251) as u8).collect();
    let b64 = data.as_chunks::<64>().0;
    let b128 = data.as_chunks::<128>().0;
    for b in Backend::available() {
        let mut s = [1u32; 8];
        rate(&format!("{} compress256", b.name()), n, || b.compress256(&mut s, b64));
    }
    let b = Backend::detect();
    let mut s = [1u64; 8];
    rate("sha2 compress512", n, || b.compress512(&mut s, b128));
    let mut s8 = [[1u32; 8]; 8];
    let p: Vec<_> = b64.chunks(b64.len() / 8).collect();
    rate("8 lanes", n, || b.compress256_eight(&mut s8, p.clone().try_into().unwrap()));
    let mut s2 = [[1u32; 8]; 2];
    let p: Vec<_> = b64.chunks(b64.len() / 2).collect();
    rate("2 lanes", n, || b.compress256_two(&mut s2, p.clone().try_into().unwrap()));
    let mut s4 = [[1u64; 8]; 4];
    let p: Vec<_> = b128.chunks(b128.len() / 4).collect();
    rate("4 lanes 512", n, || b.compress512_four(&mut s4, p.clone().try_into().unwrap()));
    // quick correctness
    let mut x = [[1u32;8];8]; let mut y = x; let q: Vec<_> = b64.chunks(b64.len()/8).map(|c| &c[..33]).collect();
    b.compress256_eight(&mut x, q.clone().try_into().unwrap());
    for (s, c) in y.iter_mut().zip(&q) { sha2::block_api::compress256(s, c); }
    println!("8: {}", x == y);
    let mut z = [[1u32;8];2]; b.compress256_two(&mut z, [q[0], q[1]]); println!("2: {}", z[..] == y[..2]);
    for s in 0..3 { let mut z = [1u32;8]; let b = Backend::detect_without_sha(); b.compress256(&mut z, &q[s][..]); println!("1: {}", z == y[s]);}
    let mut x = [[1u64;8];4]; let mut y = x; let q: Vec<_> = b128.chunks(b128.len()/4).map(|c| &c[..33]).collect();
    b.compress512_four(&mut x, q.clone().try_into().unwrap());
    for (s, c) in y.iter_mut().zip(&q) { sha2::block_api::compress512(s, c); }
    println!("4: {}", x == y);
}
