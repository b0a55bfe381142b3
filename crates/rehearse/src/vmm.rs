//! The VMM as a child: started under the filter, watched, ended.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Child, Command, ExitStatus};
use std::time::Duration;

use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType,
};

use crate::filter;
use crate::supervisor::{End, Next, Supervisor};
use crate::sys;
use crate::world::World;

/// How long a VMM that was asked to end may take.
const GRACE: Duration = Duration::from_secs(5);

/// A VMM that runs, and where its calls arrive.
#[derive(Debug)]
pub(crate) struct Vmm {
    pub(crate) child: Child,
    pub(crate) supervisor: Supervisor,
}

impl Vmm {
    /// Starts it. The error is the kernel's: of the program, or of a kernel without seccomp's user notification as it is needed (before 5.19).
    pub(crate) fn start(mut command: Command) -> io::Result<Self> {
        // What the VMM leaves behind when it goes to the background is ours to wait for.
        rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
        let (ours, theirs) = rustix::net::socketpair(
            AddressFamily::UNIX,
            SocketType::SEQPACKET,
            SocketFlags::CLOEXEC,
            None,
        )?;
        let program = filter::program();
        sys::before_exec(&mut command, move || {
            rustix::thread::set_no_new_privs(true)?;
            let listener = sys::install_filter(&program)?;
            let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
            let mut ancillary = SendAncillaryBuffer::new(&mut space);
            let descriptors = [listener.as_fd()];
            ancillary.push(SendAncillaryMessage::ScmRights(&descriptors));
            let sent = io::IoSlice::new(&[1]);
            rustix::net::sendmsg(&theirs, &[sent], &mut ancillary, SendFlags::empty())?;
            Ok(())
        });
        let child = command.spawn()?;
        // The closure holds the other end.
        drop(command);
        Ok(Self { child, supervisor: Supervisor::new(receive(&ours)?) })
    }

    /// Asks it to end, so that it takes its files with it. What it still asks of its VM on the way is answered; after a while it is ended.
    pub(crate) fn end(&mut self, world: &mut World) -> io::Result<ExitStatus> {
        if let Some(status) = self.child.try_wait()? {
            return Ok(status);
        }
        let pid = rustix::process::Pid::from_child(&self.child);
        // It may be gone already.
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        if self.supervisor.run(world, Some(GRACE), |_| Next::GoOn)? == End::TimedOut {
            self.child.kill()?;
        }
        self.child.wait()
    }
}

fn receive(socket: &OwnedFd) -> io::Result<OwnedFd> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0];
    let into = io::IoSliceMut::new(&mut byte);
    rustix::net::recvmsg(socket, &mut [into], &mut ancillary, RecvFlags::CMSG_CLOEXEC)?;
    ancillary
        .drain()
        .find_map(|message| match message {
            RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
            _ => None,
        })
        .ok_or_else(|| io::Error::other("the child gave no descriptor of its filter"))
}
