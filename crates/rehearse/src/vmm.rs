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
use rustix::process::Signal;

use crate::filter;
use crate::supervisor::{End, Next, Supervisor};
use crate::sys;
use crate::world::World;

/// How long a VMM that was asked to end may take.
const GRACE: Duration = Duration::from_secs(5);
/// How often it is looked whether it can be asked, and how many times at most.
const STEP: Duration = Duration::from_millis(5);
const MOST_STEPS: u32 = 40;

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
            // Nobody would answer it: it must not outlive who started it, however that one ends.
            rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
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
        Ok(Self { child, supervisor: Supervisor::new(receive(&ours)?)? })
    }

    /// A descriptor that becomes readable when the process that was started ends.
    pub(crate) fn watch_child(&self) -> io::Result<OwnedFd> {
        let pid = rustix::process::Pid::from_child(&self.child);
        Ok(rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty())?)
    }

    /// Asks it and all that it started to end, so that they take their files with them. What they still ask of their VM on the way is answered; after
    /// a while they are ended.
    pub(crate) fn end(&mut self, world: &mut World) -> io::Result<ExitStatus> {
        // A VMM that has just launched its guest may still be on its way: without a handler a signal ends it in the middle, and its
        // sockets and its file with the process's number stay behind.
        for _ in 0..MOST_STEPS {
            let handles = self.supervisor.family().handles(Signal::TERM);
            if handles || self.supervisor.run(world, Some(STEP), |_| Next::GoOn)? == End::Gone {
                break;
            }
        }
        self.supervisor.family().signal(Signal::TERM);
        if self.supervisor.run(world, Some(GRACE), |_| Next::GoOn)? == End::TimedOut {
            self.supervisor.family().signal(Signal::KILL);
            self.child.kill()?;
            self.supervisor.run(world, Some(GRACE), |_| Next::GoOn)?;
        }
        self.supervisor.family().reap(self.child.id());
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
