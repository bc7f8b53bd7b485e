// callers: which of our processes holds the other end of a connection on this machine. proc(5).
import { readFile, readdir, readlink } from "node:fs/promises";

const hex = (port) => port.toString(16).toUpperCase().padStart(4, "0");

/** The inode of the socket that is bound to 127.0.0.1:`port` and connected to `peer`. */
async function inodeOf(port, peer) {
  const table = await readFile("/proc/net/tcp", "utf8");
  for (const row of table.split("\n").slice(1)) {
    const [, local, remote, , , , , , , inode] = row.trim().split(/\s+/);
    if (local?.endsWith(`:${hex(port)}`) && remote.endsWith(`:${hex(peer)}`)) return inode;
  }
  return null;
}

/** Threads may have descriptor tables of their own. */
async function holds(pid, inode) {
  const tasks = await readdir(`/proc/${pid}/task`).catch(() => []);
  for (const task of tasks) {
    const directory = `/proc/${pid}/task/${task}/fd`;
    for (const fd of await readdir(directory).catch(() => [])) {
      const what = await readlink(`${directory}/${fd}`).catch(() => "");
      if (what === `socket:[${inode}]`) return true;
    }
  }
  return false;
}

/** The name of the process, of `{name: pid}`, that called `socket`; undefined for a stranger. */
export async function callerOf(socket, pids) {
  const inode = await inodeOf(socket.remotePort, socket.localPort);
  for (const [name, pid] of Object.entries(pids)) {
    if (inode && (await holds(pid, inode))) return name;
  }
  return undefined;
}
