#include "bdupdate/worker/ask.h"

#include <algorithm>
#include <cstdlib>

#include "bdupdate/base/digest.h"
#include "bdupdate/base/text.h"
#include "bdupdate/worker/channel.h"
#include "bdupdate/worker/launch.h"
#include "decode.h"

namespace bdupdate::worker {

namespace {

/// A PHP literal for any bytes.
std::string php_literal(const std::string& text) {
    return "base64_decode('" + base64_encode(text) + "')";
}

/// Runs `files` with a question in a process of its own; the answer's JSON.
Result<std::string> ask(const Options& options, std::vector<std::string> files, const std::string& callable,
                        const std::vector<std::string>& arguments, const std::string& prelude = {}) {
    files.insert(files.begin(), {"protocol.php", "text.php", "asker.php"});
    std::vector<std::string> literals;
    std::transform(arguments.begin(), arguments.end(), std::back_inserter(literals), php_literal);
    const std::string token = random_hex(16);
    const std::string code = joined_php(files) + prelude + "BdupdateAsker::main('" + token + "', '" +
                             callable + "', array(" + join(literals, ", ") + "));\n";
    BDUPDATE_ASSIGN(auto channel, Channel::open(options, "@bdupdate:" + token + " ", code, {}));
    const Incoming incoming = channel->receive(options.boot_timeout);
    channel->kill();
    const Json frame =
        incoming.kind == Incoming::Kind::Frame ? Json::parse(incoming.text, nullptr, false) : Json();
    if (frame.is_object() && frame.contains("answer") && frame["answer"].is_string())
        return frame["answer"].get<std::string>();
    Error error;
    error.details = channel->recent_talk();
    BDUPDATE_TRY(check_php_age(error.details));
    error.message = frame.is_object() && frame.contains("error") && frame["error"].is_string()
                        ? frame["error"].get<std::string>()
                        : Channel::describe(incoming, options.boot_timeout);
    return fail(std::move(error));
}

}  // namespace

Result<std::string> ask_function(const Options& options, const std::filesystem::path& docroot,
                                 const std::filesystem::path& file, const std::string& function) {
    auto answer = ask(options, {"ask_function.php"}, "BdupdateAskFunction::ask",
                      {path_there(options.path_map, docroot.string()),
                       path_there(options.path_map, file.string()), function});
    if (!answer)
        answer.error().message =
            file.string() + ": PHP cannot call " + function + "(): " + answer.error().message;
    return answer;
}

Result<std::string> ask_settings(const Options& options, const std::filesystem::path& docroot,
                                 const std::filesystem::path& settings_file) {
    // Into $_SERVER of that PHP, where core and settings.php look for it; not into the environment of what it
    // starts.
    const char* const given = std::getenv("BACKDROP_SETTINGS");
    const std::string prelude =
        given == nullptr ? "" : "$_SERVER['BACKDROP_SETTINGS'] = " + php_literal(given) + ";";
    auto answer = ask(options, {"ask_settings.php"}, "BdupdateAskSettings::ask",
                      {path_there(options.path_map, docroot.string()),
                       path_there(options.path_map, settings_file.string())},
                      prelude);
    if (!answer) {
        answer.error().code = ExitCode::Usage;
        answer.error().message = settings_file.string() + ": PHP cannot read it: " + answer.error().message;
    }
    return answer;
}

Result<std::string> ask_version(const Options& options) {
    BDUPDATE_ASSIGN(const std::string answer, ask(options, {}, "phpversion", {}));
    const Json version = Json::parse(answer, nullptr, false);
    if (!version.is_string()) return fail(ExitCode::Preflight, "PHP does not tell its version");
    return version.get<std::string>();
}

}  // namespace bdupdate::worker
