#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace bdupdate {

/// Exit codes of the program, and at the same time the kinds of failure (docs/exit-codes.md).
enum class ExitCode : int {
    Done = 0,
    UpdateFailed = 1,  ///< an update, the flush or the check after a run failed
    Usage = 2,         ///< command line, config file or settings.php not understood
    Pending = 3,       ///< `status --exit-code` only
    Blocked = 4,       ///< blocked updates, or an enabled module without code
    Preflight = 5,     ///< anything else found before the first change
    BackupFailed = 6,  ///< nothing touched
    NeedsHands = 7,    ///< a restore failed or is impossible
    Interrupted = 8,   ///< an interrupted run must be recovered first
    Held = 11,         ///< another run holds the site
    Hangup = 129,
    Interrupt = 130,
    Terminated = 143,
};

/// What went wrong, for people: lower-case, without a full stop, naming the file, module, number or table.
struct Error {
    ExitCode code = ExitCode::Preflight;
    std::string message;
    std::string hint;  ///< what to do; may be empty
    std::vector<std::string>
        details;  ///< further lines, such as errors of the cleaning up, or PHP's own words

    /// Joins an error met while cleaning up; it never replaces the cause.
    Error& join(const Error& other) {
        details.push_back("also: " + other.message);
        details.insert(details.end(), other.details.begin(), other.details.end());
        return *this;
    }
};

template <class T>
using Result = tl::expected<T, Error>;

/// For `return fail(ExitCode::Preflight, "...", "...");` from any function that returns a Result.
inline tl::unexpected<Error> fail(ExitCode code, std::string message, std::string hint = {}) {
    return tl::unexpected<Error>(Error{code, std::move(message), std::move(hint), {}});
}
inline tl::unexpected<Error> fail(Error error) {
    return tl::unexpected<Error>(std::move(error));
}

}  // namespace bdupdate

#define BDUPDATE_CONCAT_(a, b) a##b
#define BDUPDATE_CONCAT(a, b) BDUPDATE_CONCAT_(a, b)

/// Returns the error of `expression` (a Result<void>) from the enclosing function, if it has one.
#define BDUPDATE_TRY(expression)                                                                           \
    do {                                                                                                   \
        if (auto outcome_ = (expression); !outcome_) return ::bdupdate::fail(std::move(outcome_).error()); \
    } while (false)

/// `BDUPDATE_ASSIGN(auto rows, database.modules());`: the value, or the error returned from the enclosing
/// function.
#define BDUPDATE_ASSIGN(declaration, expression) \
    BDUPDATE_ASSIGN_(BDUPDATE_CONCAT(result_, __LINE__), declaration, expression)
#define BDUPDATE_ASSIGN_(name, declaration, expression)          \
    auto name = (expression);                                    \
    if (!name) return ::bdupdate::fail(std::move(name).error()); \
    declaration = std::move(*name)
