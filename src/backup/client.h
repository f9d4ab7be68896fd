#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "bdupdate/base/subprocess.h"
#include "gzip.h"

// MySQL's command-line programs: how they are found, how they get at the database, how their streams are read
// and fed.

namespace bdupdate::backup {

/// A file of options, private (0600), that goes when this does: the only way in which a password reaches a
/// program.
class OptionFile {
  public:
    static Result<OptionFile> write(const std::filesystem::path& directory,
                                    const site::DatabaseSettings& settings);
    OptionFile(OptionFile&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }
    OptionFile& operator=(OptionFile&&) = delete;
    ~OptionFile() { remove(); }
    /// As soon as the program has read it.
    void remove();
    /// --defaults-file=…: it alone is read, neither /etc/mysql nor ~/.my.cnf, which could name another
    /// account.
    [[nodiscard]] std::string argument() const { return "--defaults-file=" + path_.string(); }

  private:
    explicit OptionFile(std::filesystem::path path) : path_(std::move(path)) {}
    std::filesystem::path path_;
};

/// The text of such a file.
std::string option_text(const site::DatabaseSettings& settings);

/// The first of these programs that is in PATH. Error (`code`): none is, with the ways out.
Result<std::string> find_client(const std::vector<std::string>& names, ExitCode code);

/// `argv` ready to be started: without the variables of the environment that such programs listen to.
SpawnOptions client_command(std::vector<std::string> argv);

/// Whether mysqldump's own options that mariadb-dump does not know may be given.
bool is_oracle_dump(const std::string& program);

/// Reads a child's stdout into `sink` to its end while keeping its stderr; ends it when `sink` fails. Error
/// (`code`): it did not end with 0; its own words are the message.
Result<void> read_child(Subprocess& child, const std::string& program, ExitCode code, const Sink& sink);

/// Feeds a child: `produce` is called with a sink that writes to its stdin. Waits for its end. Errors as
/// read_child().
Result<void> feed_child(Subprocess& child, const std::string& program, ExitCode code,
                        const std::function<Result<void>(const Sink&)>& produce);

}  // namespace bdupdate::backup
