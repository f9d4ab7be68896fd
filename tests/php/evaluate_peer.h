#pragma once

#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "bdupdate/base/digest.h"
#include "bdupdate/php/interpreter.h"
#include "php/php_peer.h"

namespace bdupdate::test {

/// What PHP serialized, read back; objects come as Unknown.
class Unserializer {
  public:
    explicit Unserializer(std::string_view text) : text_(text) {}

    php::Value read() {
        const char type = text_[at_];
        at_ += 2;
        if (type == 'N') return {};
        if (type == 'b') return php::Value(until(';') == "1");
        if (type == 'i') return php::Value(integer(until(';')));
        if (type == 'd') return php::Value(real(until(';')));
        if (type == 's') return php::Value(string());
        if (type != 'a') return php::Value(php::Unknown{"an object"});
        php::Array out;
        const std::int64_t count = integer(until(':'));
        ++at_;
        for (std::int64_t i = 0; i < count; ++i) {
            const php::Value key = read();
            out[key.integer() ? php::Key(*key.integer()) : php::Key(*key.string())] = read();
        }
        ++at_;
        return php::Value(std::move(out));
    }

  private:
    std::string_view until(char end) {
        const std::size_t stop = text_.find(end, at_);
        const std::string_view part = text_.substr(at_, stop - at_);
        at_ = stop + 1;
        return part;
    }
    static std::int64_t integer(std::string_view text) {
        std::int64_t value = 0;
        std::from_chars(text.data(), text.data() + text.size(), value);
        return value;
    }
    static double real(std::string_view text) {
        if (text == "NAN") return std::numeric_limits<double>::quiet_NaN();
        if (text == "INF") return std::numeric_limits<double>::infinity();
        if (text == "-INF") return -std::numeric_limits<double>::infinity();
        return std::strtod(std::string(text).c_str(), nullptr);
    }
    std::string string() {
        const auto length = static_cast<std::size_t>(integer(until(':')));
        std::string out(text_.substr(at_ + 1, length));
        at_ += length + 3;
        return out;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

/// Whether `ours` claims nothing that is not so: every part of it is PHP's, or Unknown.
inline bool agrees(const php::Value& ours, const php::Value& theirs) {
    if (ours.unknown() != nullptr) return true;
    const php::Array* mine = ours.array();
    const php::Array* other = theirs.array();
    if (mine == nullptr || other == nullptr)
        return php::serialize(ours) == php::serialize(theirs) && !theirs.unknown();
    if (mine->uncertain() == nullptr) {
        if (mine->size() != other->size()) return false;
        for (std::size_t i = 0; i < mine->size(); ++i) {
            if (mine->entries()[i].first != other->entries()[i].first) return false;
            if (!agrees(mine->entries()[i].second, other->entries()[i].second)) return false;
        }
        return true;
    }
    for (const auto& [key, value] : other->entries()) {
        if (mine->find(key) == nullptr || !agrees(*mine->find(key), value)) return false;
    }
    for (const auto& [key, value] : mine->entries()) {
        if (value.unknown() == nullptr && other->find(key) == nullptr) return false;
    }
    return true;
}

struct PeerAnswer {
    std::map<std::string, php::Value> variables;
    std::string error;
};

/// Answers of one run of the peer; fewer than files when PHP died over one of them.
inline std::vector<PeerAnswer> peer_answers(const std::vector<std::filesystem::path>& files,
                                            std::size_t first, const std::filesystem::path& directory) {
    SpawnOptions options;
    options.argv = {
        "php", "-d", "memory_limit=256M", "-d", "display_errors=stderr", "-d", "error_reporting=0"};
    options.argv.push_back(std::string(BDUPDATE_SOURCE_DIR) + "/tests/php/evaluate_peer.php");
    options.argv.push_back(directory.string());
    std::string input;
    for (std::size_t i = first; i < files.size(); ++i) {
        input += std::to_string(files[i].string().size()) + '\n' + files[i].string();
    }
    std::vector<PeerAnswer> out;
    const Result<Completed> done = run_program(options, input);
    if (!done) return out;
    PeerAnswer answer;
    std::istringstream lines(done->out);
    for (std::string line; std::getline(lines, line);) {
        const std::size_t space = line.find(' ');
        if (line == ".") {
            out.push_back(std::move(answer));
            answer = {};
        } else if (line[0] == '!') {
            answer.error = line.substr(2);
        } else {
            bool ok = true;
            const std::string serialized = base64_decode(line.substr(space + 1), ok);
            answer.variables[line.substr(0, space)] = Unserializer(serialized).read();
        }
    }
    return out;
}

/// What PHP makes of files, each included in a function with nothing set, the working directory being
/// `directory`.
inline std::vector<PeerAnswer> variables_by_php(const std::vector<std::filesystem::path>& files,
                                                const std::filesystem::path& directory) {
    std::vector<PeerAnswer> out;
    while (out.size() < files.size()) {
        for (PeerAnswer& answer : peer_answers(files, out.size(), directory))
            out.push_back(std::move(answer));
        if (out.size() < files.size()) out.push_back({{}, "PHP died"});
    }
    return out;
}

inline void write(const std::filesystem::path& path, const std::string& content) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << content;
}

inline Result<php::Evaluation> evaluate_like_peer(const std::filesystem::path& file,
                                                  const std::string& source,
                                                  const std::filesystem::path& directory) {
    php::SystemWorld world;
    php::EvaluateOptions options;
    options.file = file;
    options.working_directory = directory;
    options.globals.emplace();
    return php::evaluate_file(source, options, world);
}

}  // namespace bdupdate::test
