#pragma once

#include <filesystem>
#include <string>

namespace bdupdate::journal {

/// Every file name below the state directory.
struct Paths {
    std::filesystem::path state_dir;

    [[nodiscard]] std::filesystem::path journal() const { return state_dir / "journal.sqlite"; }
    [[nodiscard]] std::filesystem::path lock() const { return state_dir / "lock"; }
    [[nodiscard]] std::filesystem::path backups() const { return state_dir / "backups"; }
    /// What an undo or a recovery overwrote, kept for the operator.
    [[nodiscard]] std::filesystem::path aside(const std::string& run) const {
        return state_dir / "aside" / run;
    }
};

}  // namespace bdupdate::journal
