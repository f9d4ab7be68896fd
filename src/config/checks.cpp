#include <fcntl.h>
#include <grp.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <nlohmann/json.hpp>

#include "bdupdate/base/file.h"
#include "bdupdate/base/file_user.h"
#include "entries.h"

// What preflight and every boot want to know: is every file JSON, and may it be written.

namespace bdupdate::config {

namespace {

using Json = nlohmann::json;

/// Takes every event and keeps nothing, but for the place where the parser gave up.
class Position final : public nlohmann::json_sax<Json> {
  public:
    [[nodiscard]] std::size_t byte() const { return byte_; }

    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(number_integer_t) override { return true; }
    bool number_unsigned(number_unsigned_t) override { return true; }
    bool number_float(number_float_t, const string_t&) override { return true; }
    bool string(string_t&) override { return true; }
    bool binary(binary_t&) override { return true; }
    bool start_object(std::size_t) override { return true; }
    bool key(string_t&) override { return true; }
    bool end_object() override { return true; }
    bool start_array(std::size_t) override { return true; }
    bool end_array() override { return true; }
    bool parse_error(std::size_t position, const std::string&, const Json::exception&) override {
        byte_ = position;
        return false;
    }

  private:
    std::size_t byte_ = 0;
};

std::string place_text(const std::string& content, std::size_t byte) {
    // The parser names the byte at which it knew; the end of a file that stops too early lies one beyond.
    const std::size_t end = std::min(byte, content.size());
    const auto lines = std::count(content.begin(), content.begin() + static_cast<std::ptrdiff_t>(end), '\n');
    return "line " + std::to_string(lines + 1) + ", byte " + std::to_string(byte);
}

/// Index of the first name that this process may not write, names.size() for none, -1 for the directory
/// itself.
int first_unwritable(int directory, const std::vector<std::string>& names) {
    if (::faccessat(directory, ".", R_OK | W_OK | X_OK, AT_EACCESS) != 0) return -1;
    for (std::size_t i = 0; i < names.size(); ++i)
        if (::faccessat(directory, names[i].c_str(), R_OK | W_OK, AT_EACCESS) != 0)
            return static_cast<int>(i);
    return static_cast<int>(names.size());
}

/// The same as another user, in a child that becomes that user: only the kernel knows every rule (ACLs, mount
/// options).
Result<int> first_unwritable_as(int directory, const std::vector<std::string>& names, const RunAs& user) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        return fail(ExitCode::Preflight, "cannot create a pipe: " + errno_text(errno));
    const UniqueFd in(ends[0]);
    UniqueFd out(ends[1]);
    const pid_t child = ::fork();
    if (child == 0) {
        int answer = -2;
        if (::setgroups(1, &user.gid) == 0 && ::setgid(user.gid) == 0 && ::setuid(user.uid) == 0)
            answer = first_unwritable(directory, names);
        ::_exit(::write(out.get(), &answer, sizeof answer) == sizeof answer ? 0 : 1);
    }
    out.reset();
    int answer = -2;
    const bool told = child > 0 && ::read(in.get(), &answer, sizeof answer) == sizeof answer;
    if (child > 0) ::waitpid(child, nullptr, 0);
    if (!told || answer == -2)
        return fail(ExitCode::Preflight,
                    "cannot become user " + std::to_string(user.uid) + ": " + errno_text(errno));
    return answer;
}

}  // namespace

Result<void> ConfigDirectory::check_json() {
    BDUPDATE_ASSIGN(const auto listing, list());
    for (const auto& [name, stamp] : listing) {
        if (!is_json_name(name)) continue;
        const FileUser user(owner_);
        BDUPDATE_ASSIGN(const std::optional<Entry> entry, read_entry(directory_.get(), path_, name));
        if (!entry) continue;
        const std::string& content = entry->content;
        const std::string hint =
            "an interrupted write leaves such a file behind: take it from a backup or from staging";
        if (content.empty())
            return fail(ExitCode::Preflight, "config file " + (path_ / name).string() + " is empty", hint);
        Position position;
        // PHP's json_decode() takes no byte order mark, the parser would skip one.
        const bool bom = content.rfind("\xef\xbb\xbf", 0) == 0;
        if (bom || !Json::sax_parse(content, &position))
            return fail(ExitCode::Preflight,
                        "config file " + (path_ / name).string() + " is no JSON: " +
                            (bom ? "it begins with a byte order mark" : place_text(content, position.byte())),
                        hint);
    }
    return {};
}

Result<void> ConfigDirectory::check_writable(const std::optional<RunAs>& run_as) {
    BDUPDATE_ASSIGN(const auto listing, list());
    std::vector<std::string> names;
    for (const auto& [name, stamp] : listing)
        if (is_json_name(name)) names.push_back(name);
    int first = 0;
    const bool other = ::geteuid() == 0 && run_as.has_value();
    if (other) {
        BDUPDATE_ASSIGN(first, first_unwritable_as(directory_.get(), names, *run_as));
    } else {
        first = first_unwritable(directory_.get(), names);
    }
    if (first == static_cast<int>(names.size())) return {};
    const std::string user = "user " + std::to_string(other ? run_as->uid : ::geteuid());
    if (first < 0)
        return fail(ExitCode::Preflight,
                    "config directory " + path_.string() + " cannot be written by " + user,
                    "run as its owner, or as root");
    return fail(ExitCode::Preflight,
                "config file " + (path_ / names[static_cast<std::size_t>(first)]).string() +
                    " cannot be written by " + user,
                "run as its owner, or as root");
}

}  // namespace bdupdate::config
