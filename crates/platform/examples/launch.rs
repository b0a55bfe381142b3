//! A whole launch on a platform in software: a session's place in it is left empty, so the measurement is under a key of zeros.

use sev_launch_abi::Generation;
use sev_launch_platform::{Model, Platform, SigningKey, SnpFinish, Status};

fn main() -> Result<(), Status> {
    let mut platform = Platform::new(Model::of(Generation::Milan), &[7; 32]);
    println!("{}", platform.summary());

    let guest = platform.launch_start(0x1, None)?;
    platform.launch_update_data(guest, &[0; 4096])?;
    println!("SEV: {}", platform.digest(guest)?);
    let measurement = platform.launch_measure(guest)?;
    println!("measured in {} bytes", measurement.len());
    platform.launch_finish(guest)?;

    let guest = platform.snp_launch_start(0x3_0000)?;
    platform.snp_launch_update(guest, 0xffff_f000, 1, &[0; 4096])?;
    println!("SNP: {}", platform.digest(guest)?);
    platform.snp_launch_finish(guest, SnpFinish::PLAIN)?;
    let report = platform.report(guest, 0, &[0; 64], SigningKey::Vcek)?;
    println!("reported in {} bytes", report.len());

    let again = platform.snp_launch_update(guest, 0, 1, &[0; 4096]);
    println!("too late: {}", again.expect_err("it runs"));
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_runs() {
        super::main().expect("no command is refused");
    }
}
