#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <map>

#include "bdupdate/base/file.h"
#include "bdupdate/base/text.h"
#include "bdupdate/run/preflight.h"

// Whether everything that a run writes will fit.

namespace bdupdate::run {

namespace fs = std::filesystem;

Result<FreeSpace> free_space(const fs::path& path) {
    std::error_code error;
    fs::path at = fs::absolute(path, error);
    while (!fs::exists(at, error) && at.has_relative_path()) at = at.parent_path();
    struct statvfs volume {};
    struct stat info {};
    if (::statvfs(at.c_str(), &volume) != 0 || ::stat(at.c_str(), &info) != 0)
        return fail(ExitCode::Preflight,
                    "cannot tell how much space is left at " + at.string() + ": " + errno_text(errno));
    if (volume.f_blocks == 0)
        return fail(ExitCode::Preflight, at.string() + " lies on a file system that has no size");
    const bool root = ::geteuid() == 0;  // who may use what is reserved
    FreeSpace space;
    space.device = info.st_dev;
    space.bytes = std::uint64_t{root ? volume.f_bfree : volume.f_bavail} * volume.f_frsize;
    space.inodes = root ? volume.f_ffree : volume.f_favail;
    space.counts_inodes = volume.f_files != 0;
    return space;
}

namespace {

struct Sum {
    FreeSpace space;
    fs::path place;
    std::uint64_t bytes = 0, inodes = 0;
    std::string what;
};

}  // namespace

std::vector<Finding> check_space(const std::vector<Demand>& demands,
                                 const std::function<Result<FreeSpace>(const fs::path&)>& look) {
    std::map<std::uint64_t, Sum> volumes;
    for (const Demand& demand : demands) {
        const auto space = look(demand.place);
        if (!space) continue;  // what cannot be told is no reason to refuse
        Sum& sum = volumes[space->device];
        sum.space = *space;
        if (sum.place.empty()) sum.place = demand.place;
        sum.bytes += demand.bytes;
        sum.inodes += demand.inodes;
        sum.what += (sum.what.empty() ? "" : " and ") + demand.what;
    }
    std::vector<Finding> findings;
    for (const auto& [device, sum] : volumes) {
        if (sum.space.bytes < sum.bytes)
            findings.push_back(
                {true,
                 {ExitCode::Preflight,
                  "the file system of " + sum.place.string() + " has " + size_text(sum.space.bytes) +
                      " left, and " + sum.what + " may need " + size_text(sum.bytes),
                  "make room there, or name another place with --state-dir or --backup-dir",
                  {}}});
        if (sum.space.counts_inodes && sum.space.inodes < sum.inodes)
            findings.push_back(
                {true,
                 {ExitCode::Preflight,
                  "the file system of " + sum.place.string() + " has " + counted(sum.space.inodes, "inode") +
                      " left, and " + sum.what + " may need " + std::to_string(sum.inodes),
                  "remove files there: many small ones, such as old sessions or caches",
                  {}}});
    }
    return findings;
}

}  // namespace bdupdate::run
