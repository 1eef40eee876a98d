//! How much memory this process may have: what the machine has free, what its control group allows (a container's or a
//! service's bound, version 1 or 2), and what the shell allows (`ulimit`). What follows from it is decided elsewhere. Only
//! Known on Linux; elsewhere "unknown".

use std::path::{Path, PathBuf};

/// Where the two versions of control groups are found, and the file that holds the bound.
const GROUPS_2: [&str; 2] = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"];
const BOUND_2: &str = "memory.max";
const GROUPS_1: &str = "/sys/fs/cgroup/memory";
const BOUND_1: &str = "memory.limit_in_bytes";
/// Version 1 says "no bound" with a number near the largest there is.
const NO_BOUND: u64 = 1 << 60;

/// Bytes that this process may hold, or that the system has for it; `None`: the system does not tell.
pub fn memory_limit() -> Option<u64> {
    limit_by(&|path| std::fs::read_to_string(path).ok())
}

/// Bytes of address space that the shell allows this process (`ulimit -v`); `None`: as much as there is.
pub fn address_space() -> Option<u64> {
    soft_bound(&std::fs::read_to_string("/proc/self/limits").ok()?, "Max address space")
}

/// The least of all bounds that `read` finds.
fn limit_by(read: &dyn Fn(&Path) -> Option<String>) -> Option<u64> {
    let free = read(Path::new("/proc/meminfo")).and_then(|text| free_bytes(&text));
    let shell = read(Path::new("/proc/self/limits")).and_then(|text| shell_bound(&text));
    let groups = read(Path::new("/proc/self/cgroup")).unwrap_or_default();
    let groups = groups.lines().filter_map(group_files).flatten();
    let bounds = groups.filter_map(|file| read(&file)?.trim().parse().ok()).filter(|&bound| bound < NO_BOUND);
    bounds.chain(free).chain(shell).min()
}

/// What can be had without swapping; an old kernel tells only the whole.
fn free_bytes(meminfo: &str) -> Option<u64> {
    let kibibytes = |name: &str| {
        let line = meminfo.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()
    };
    kibibytes("MemAvailable:").or_else(|| kibibytes("MemTotal:")).map(|count| count.saturating_mul(1 << 10))
}

/// What the soft bounds leave. That of the address space counts what is mapped, about twice of what is held.
fn shell_bound(limits: &str) -> Option<u64> {
    let space = soft_bound(limits, "Max address space").map(|bytes| bytes / 2);
    [space, soft_bound(limits, "Max data size")].into_iter().flatten().min()
}

/// One of the soft bounds, where it is a number.
fn soft_bound(limits: &str, name: &str) -> Option<u64> {
    let line = limits.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

/// The files that may hold a bound for a line of `/proc/self/cgroup`: the group's own and those of the groups around it.
/// In a container the path is that of the outside; then only the topmost file is there.
fn group_files(line: &str) -> Option<Vec<PathBuf>> {
    let mut parts = line.splitn(3, ':').skip(1);
    let (controllers, path) = (parts.next()?, parts.next()?);
    let (roots, bound): (&[&str], _) = match controllers {
        "" => (&GROUPS_2, BOUND_2),
        names if names.split(',').any(|name| name == "memory") => (&[GROUPS_1], BOUND_1),
        _ => return None,
    };
    let inner = Path::new(path.trim_start_matches('/'));
    let files =
        roots.iter().flat_map(|root| inner.ancestors().map(move |group| Path::new(root).join(group).join(bound)));
    Some(files.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEMINFO: &str = "MemTotal:       24683520 kB\nMemFree:          123 kB\nMemAvailable:    2097152 kB\n";

    fn limit(files: &[(&str, &str)]) -> Option<u64> {
        limit_by(&|path| files.iter().find(|(name, _)| Path::new(name) == path).map(|(_, text)| (*text).to_owned()))
    }

    #[test]
    fn the_least_bound_counts() {
        assert_eq!(limit(&[]), None);
        assert_eq!(limit(&[("/proc/meminfo", "odd")]), None);
        let free = ("/proc/meminfo", MEMINFO);
        assert_eq!(limit(&[free]), Some(2 << 30));
        assert_eq!(limit(&[("/proc/meminfo", "MemTotal:  1024 kB\n")]), Some(1 << 20));
        let groups = ("/proc/self/cgroup", "9:name=systemd:/\n4:cpu,memory:/a/b\n0::/c/d\n");
        let own = ("/sys/fs/cgroup/memory/a/b/memory.limit_in_bytes", "9223372036854771712\n");
        assert_eq!(limit(&[free, groups, own]), Some(2 << 30), "no bound in the group");
        let around = ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "536870912\n");
        assert_eq!(limit(&[free, groups, own, around]), Some(512 << 20), "that of the group around it");
        let second = ("/sys/fs/cgroup/c/memory.max", "268435456\n");
        let none = ("/sys/fs/cgroup/c/d/memory.max", "max\n");
        assert_eq!(limit(&[free, groups, around, second, none]), Some(256 << 20), "version 2");
        let cpu = ("/proc/self/cgroup", "4:cpu:/a/b\n");
        assert_eq!(limit(&[free, cpu, around]), Some(2 << 30), "another controller's group");
    }

    #[test]
    fn what_the_shell_allows_counts_too() {
        let limits = "Limit                     Soft Limit           Hard Limit           Units     \n\
                      Max data size             unlimited            unlimited            bytes     \n\
                      Max address space         1073741824           unlimited            bytes     \n";
        assert_eq!(limit(&[("/proc/meminfo", MEMINFO), ("/proc/self/limits", limits)]), Some(1 << 29));
        assert_eq!(limit(&[("/proc/self/limits", "Max data size             5 6 bytes")]), Some(5));
    }
}
