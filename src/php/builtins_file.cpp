#include "builtins.h"

namespace bdupdate::php {
namespace {

Answer asked(Call& call) {
    const auto path = call.path(0);
    if (!path) return std::nullopt;
    if (call.name == "is_dir") return Value(call.world.is_dir(*path));
    if (call.name == "is_readable") return Value(call.world.is_readable(*path));
    const bool exists = call.world.file_exists(*path);
    return Value(call.name == "is_file" ? exists && !call.world.is_dir(*path) : exists);
}

Answer real_path(Call& call) {
    const auto path = call.path(0);
    if (!path) return std::nullopt;
    const auto real = call.world.real_path(*path);
    return real ? Value(real->string()) : Value(false);
}

// A file that cannot be read here may still be readable for PHP.
Answer content(Call& call) {
    const auto path = call.path(0);
    if (!path || !call.world.file_exists(*path) || call.world.is_dir(*path)) return std::nullopt;
    const auto text = call.world.read(*path);
    return text ? Answer(Value(*text)) : std::nullopt;
}

std::string parent_of(std::string path) {
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    path.resize(slash);
    while (!path.empty() && path.back() == '/') path.pop_back();
    return path.empty() ? "/" : path;
}

Answer parent(Call& call) {
    auto path = call.text(0);
    auto levels = call.integer(1, 1);
    if (!path || path->empty() || !levels || *levels < 1) return std::nullopt;
    for (; *levels > 0 && *path != "/" && *path != "."; --*levels) path = parent_of(*path);
    return Value(*path);
}

Answer base_name(Call& call) {
    auto path = call.text(0);
    const auto suffix = call.count() > 1 ? call.text(1) : std::optional<std::string>("");
    if (!path || !suffix) return std::nullopt;
    for (const char c : *path) {
        if (static_cast<unsigned char>(c) >= 0x80) return std::nullopt;  // goes by the locale
    }
    while (!path->empty() && path->back() == '/') path->pop_back();
    std::string name = path->substr(path->rfind('/') + 1);
    const bool ends = name.size() > suffix->size() &&
                      name.compare(name.size() - suffix->size(), std::string::npos, *suffix) == 0;
    if (ends) name.resize(name.size() - suffix->size());
    return Value(std::move(name));
}

Answer working_directory(Call& call) {
    if (call.state.directory_unknown || call.state.directory.empty()) return std::nullopt;
    return Value(call.state.directory.string());
}

Answer change_directory(Call& call) {
    const auto path = call.path(0);
    if (!path || !call.world.is_dir(*path)) {
        call.state.directory_unknown = Unknown{"chdir()"};
        return std::nullopt;
    }
    call.state.directory = call.world.real_path(*path).value_or(*path);
    return Value(true);
}

}  // namespace

const std::vector<Builtin>& file_builtins() {
    static const std::vector<Builtin> all = {{"file_exists", asked, 1, 1},
                                             {"is_file", asked, 1, 1},
                                             {"is_dir", asked, 1, 1},
                                             {"is_readable", asked, 1, 1},
                                             {"realpath", real_path, 1, 1},
                                             {"file_get_contents", content, 1, 1},
                                             {"dirname", parent, 1, 2},
                                             {"basename", base_name, 1, 2},
                                             {"getcwd", working_directory, 0, 0},
                                             {"chdir", change_directory, 1, 1, true}};
    return all;
}

}  // namespace bdupdate::php
