#include "client.h"

#include <fcntl.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include "bdupdate/base/digest.h"
#include "bdupdate/base/file.h"
#include "bdupdate/base/text.h"

namespace bdupdate::backup {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kept_stderr = 64 * 1024;
constexpr std::size_t longest_words = 500;

/// Quoted as my_getopt's files want it: in double quotes, backslash sequences.
std::string option_value(const std::string& value) {
    std::string text = "\"";
    for (const char c : value) {
        switch (c) {
            case '\\':
                text += "\\\\";
                break;
            case '"':
                text += "\\\"";
                break;
            case '\n':
                text += "\\n";
                break;
            case '\r':
                text += "\\r";
                break;
            case '\t':
                text += "\\t";
                break;
            case '\b':
                text += "\\b";
                break;
            default:
                text += c;
        }
    }
    return text + "\"";
}

/// Writing to a child that has ended must give EPIPE, not a signal.
class WithoutSigpipe {
  public:
    WithoutSigpipe() : previous_(std::signal(SIGPIPE, SIG_IGN)) {}
    WithoutSigpipe(const WithoutSigpipe&) = delete;
    WithoutSigpipe& operator=(const WithoutSigpipe&) = delete;
    ~WithoutSigpipe() { std::signal(SIGPIPE, previous_); }

  private:
    void (*previous_)(int);
};

/// The read ends of a child's output, until both are at their end.
class Outputs {
  public:
    explicit Outputs(Subprocess& child) : child_(child), block_(128 * 1024) {}

    [[nodiscard]] bool open() { return static_cast<bool>(child_.out()) || static_cast<bool>(child_.err()); }
    [[nodiscard]] const std::string& errors() const { return errors_; }

    /// Waits until something can be read (or, with `writing`, the child takes input), and reads what there
    /// is.
    Result<void> step(bool writing, const Sink& sink) {
        std::array<pollfd, 3> waiting = {{{child_.out().get(), POLLIN, 0},
                                          {child_.err().get(), POLLIN, 0},
                                          {writing ? child_.in().get() : -1, POLLOUT, 0}}};
        if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR)
            return fail(ExitCode::BackupFailed, "cannot wait for a program: " + errno_text(errno));
        if (waiting[1].revents != 0)
            drain(child_.err(), [this](std::string_view bytes) -> Result<void> {
                errors_ += bytes.substr(0, kept_stderr - std::min(kept_stderr, errors_.size()));
                return {};
            });
        if (waiting[0].revents != 0) return drain(child_.out(), sink);
        return {};
    }

  private:
    Result<void> drain(UniqueFd& fd, const Sink& sink) {
        const ssize_t got = ::read(fd.get(), block_.data(), block_.size());
        if (got > 0) return sink({block_.data(), static_cast<std::size_t>(got)});
        if (got == 0 || (errno != EAGAIN && errno != EINTR)) fd.reset();
        return {};
    }

    Subprocess& child_;
    std::vector<char> block_;
    std::string errors_;
};

Result<void> ended(Subprocess& child, const std::string& program, ExitCode code, const std::string& errors) {
    const ExitStatus status = child.wait();
    if (status.ok()) return {};
    Error error{code, program + " failed (" + status.text() + ")", {}, {}};
    // The client prints the statement that failed before its error, rows and all: only the error is for
    // people.
    std::string_view words;
    for (const std::string_view line : split(errors, '\n')) {
        if (line.find("[Warning]") != std::string_view::npos) continue;
        const bool said = line.rfind("ERROR", 0) == 0;
        if (words.empty() || said) words = trim(line).substr(0, longest_words);
        if (said) break;
    }
    if (!words.empty()) error.message += ": " + std::string(words);
    return fail(std::move(error));
}

/// MySQL's programs do not know `ssl` and its verification ("loose": they warn): with certificates, and by
/// themselves, they encrypt.
std::string tls_options(const site::Tls& tls, bool over_tcp) {
    if (!tls.wanted()) return "";
    const bool verify = tls.verify && over_tcp;
    std::string text = "loose-ssl=1\nloose-ssl-verify-server-cert=" + std::to_string(int{verify}) + "\n";
    const auto add = [&text](const char* name, const std::string& value) {
        if (!value.empty()) text += std::string(name) + "=" + option_value(value) + "\n";
    };
    add("ssl-key", tls.key);
    add("ssl-cert", tls.certificate);
    add("ssl-cipher", tls.cipher);
    if (!tls.verify) return text;
    add("ssl-ca", tls.ca);
    add("ssl-capath", tls.ca_directory);
    return text;
}

}  // namespace

std::string option_text(const site::DatabaseSettings& settings) {
    std::string text = "[client]\nuser=" + option_value(settings.username) +
                       "\npassword=" + option_value(settings.password) + "\n";
    if (!settings.unix_socket.empty()) {
        text += "socket=" + option_value(settings.unix_socket) + "\n";
    } else {
        text += "host=" + option_value(settings.host) + "\n";
        if (settings.port > 0) text += "port=" + std::to_string(settings.port) + "\n";
    }
    return text + tls_options(settings.tls, settings.unix_socket.empty());
}

Result<OptionFile> OptionFile::write(const fs::path& directory, const site::DatabaseSettings& settings) {
    const fs::path path = directory / (".client-" + random_hex(8) + ".cnf");
    if (auto written = write_file_atomically(path, option_text(settings)); !written) {
        Error error = std::move(written).error();
        error.code = ExitCode::BackupFailed;
        return fail(std::move(error));
    }
    return OptionFile(path);
}

void OptionFile::remove() {
    if (!path_.empty()) ::unlink(path_.c_str());
    path_.clear();
}

Result<std::string> find_client(const std::vector<std::string>& names, ExitCode code) {
    for (const std::string& name : names)
        if (find_program(name)) return name;
    return fail(
        code, "none of these programs is on this machine: " + join(names, ", "),
        "install the client programs (Debian: mariadb-client), run bdupdate where they are, or make the "
        "backup by other means and use --no-backup");
}

SpawnOptions client_command(std::vector<std::string> argv) {
    SpawnOptions options;
    options.argv = std::move(argv);
    options.remove_environment = {"MYSQL_PWD",          "MYSQL_HOST",   "MYSQL_TCP_PORT",  "MYSQL_UNIX_PORT",
                                  "MYSQL_GROUP_SUFFIX", "MARIADB_HOST", "LIBMYSQL_PLUGINS"};
    // MySQL's programs read a login file even with --defaults-file.
    options.environment["MYSQL_TEST_LOGIN_FILE"] = "/nonexistent";
    options.environment["LC_ALL"] = "C";
    return options;
}

bool is_oracle_dump(const std::string& program) {
    const auto path = find_program(program);
    std::error_code error;
    const fs::path real = path ? fs::canonical(*path, error) : fs::path();
    return real.filename().string().rfind("mysqldump", 0) == 0;
}

Result<void> read_child(Subprocess& child, const std::string& program, ExitCode code, const Sink& sink) {
    child.close_in();
    Outputs outputs(child);
    while (outputs.open()) {
        if (auto stepped = outputs.step(false, sink); !stepped) {
            child.kill(SIGKILL);
            child.wait();
            return stepped;
        }
    }
    return ended(child, program, code, outputs.errors());
}

Result<void> feed_child(Subprocess& child, const std::string& program, ExitCode code,
                        const std::function<Result<void>(const Sink&)>& produce) {
    const WithoutSigpipe guard;
    Outputs outputs(child);
    const Sink ignore = [](std::string_view) -> Result<void> { return {}; };
    bool hung_up = false;
    const Sink write = [&](std::string_view bytes) -> Result<void> {
        while (!bytes.empty()) {
            const ssize_t written = ::write(child.in().get(), bytes.data(), bytes.size());
            if (written >= 0) {
                bytes.remove_prefix(static_cast<std::size_t>(written));
            } else if (errno == EPIPE) {
                hung_up = true;  // its exit code and words say why
                return fail(code, program + " ended before it had read everything");
            } else if (errno != EAGAIN && errno != EINTR) {
                return fail(code, "cannot write to " + program + ": " + errno_text(errno));
            } else {
                BDUPDATE_TRY(outputs.step(true, ignore));
            }
        }
        return {};
    };
    auto produced = produce(write);
    if (!produced && !hung_up) {
        child.kill(SIGKILL);
        child.wait();
        return produced;
    }
    child.close_in();
    while (outputs.open()) BDUPDATE_TRY(outputs.step(false, ignore));
    auto outcome = ended(child, program, code, outputs.errors());
    return outcome ? produced : outcome;
}

}  // namespace bdupdate::backup
