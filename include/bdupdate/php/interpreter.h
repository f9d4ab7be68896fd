#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "bdupdate/base/error.h"
#include "bdupdate/php/value.h"

namespace bdupdate::php {

/// What the evaluated code may see of the world. Fakes of it stand in tests.
class World {
  public:
    virtual ~World() = default;
    virtual bool file_exists(const std::filesystem::path& path) = 0;
    virtual bool is_dir(const std::filesystem::path& path) = 0;
    virtual bool is_readable(const std::filesystem::path& path) = 0;
    /// Content of a file to include; empty optional: cannot be read.
    virtual std::optional<std::string> read(const std::filesystem::path& path) = 0;
    virtual std::optional<std::string> environment(const std::string& name) = 0;
    /// realpath(): links resolved; empty when the file does not exist. What __DIR__ of an included file is
    /// made of.
    virtual std::optional<std::filesystem::path> real_path(const std::filesystem::path& path);
};

/// The machine's own files and environment.
class SystemWorld : public World {
  public:
    bool file_exists(const std::filesystem::path& path) override;
    bool is_dir(const std::filesystem::path& path) override;
    bool is_readable(const std::filesystem::path& path) override;
    std::optional<std::string> read(const std::filesystem::path& path) override;
    std::optional<std::string> environment(const std::string& name) override;
    std::optional<std::filesystem::path> real_path(const std::filesystem::path& path) override;
};

/// Variables after an evaluation. A variable that some statement may have written in a way that is not
/// understood holds Unknown with the reason.
struct Evaluation {
    std::map<std::string, Value>
        variables;                  ///< without the `$`; "_SERVER", "_ENV": only what was written to them
    std::optional<Value> returned;  ///< value of a top-level `return`
    std::optional<Unknown>
        everything;  ///< set when any variable may have changed (extract, $$, unknown include)
    /// Value of a variable: null Value when never set, Unknown when tainted.
    [[nodiscard]] Value get(const std::string& name) const;
};

struct EvaluateOptions {
    std::filesystem::path file;              ///< for __FILE__, __DIR__ and messages
    std::map<std::string, Value> variables;  ///< what is set before the first statement
    std::map<std::string, Value> constants;  ///< such as BACKDROP_ROOT
    /// Functions of the code around the file, in lower case, with what they return; they have no effect.
    std::map<std::string, Value> functions;
    std::filesystem::path working_directory;  ///< relative includes and file_exists() start here
    /// Where the file is included in a function: those of its variables that the function declared `global`.
    /// Without a value the file runs at the top level, where every variable is global.
    std::optional<std::set<std::string>> globals;
    bool environment_known = true;  ///< false: PHP runs elsewhere, so getenv() and $_SERVER are not known
};

/// Runs a whole PHP file's statements. Errors (Usage) only for source that PHP itself would refuse (a syntax
/// error, naming file and line); everything merely not understood becomes Unknown.
Result<Evaluation> evaluate_file(std::string_view source, const EvaluateOptions& options, World& world);

/// Runs a function's body, the text between its braces, with no variables set; the value it returns. Unknown
/// where the body is no constant computation.
Value evaluate_body(std::string_view body, const EvaluateOptions& options, World& world);

}  // namespace bdupdate::php
