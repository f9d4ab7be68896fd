#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "bdupdate/base/subprocess.h"
#include "support/temp_directory.h"
#include "support/terminal.h"

namespace bdupdate::test {

/// To be appended to the example site's dues module.
inline constexpr const char* failing_update = R"php(

/**
 * Cannot succeed.
 */
function dues_update_1007(&$sandbox) {
  throw new Exception('the bank did not answer');
}
)php";

/// A text with what differs from run to run replaced by words: TIME, SIZE, BACKUP, RUN, USER, HOST …
std::string without_what_varies(std::string text);

/// A copy of docs/example-site with its database, and a state directory beside it.
class ExampleSite {
  public:
    ExampleSite();
    [[nodiscard]] std::filesystem::path root() const { return temp_.path() / "club"; }
    [[nodiscard]] std::filesystem::path state() const { return temp_.path() / "state"; }
    /// Runs the program in the site's docroot, without a terminal.
    Completed run(const std::vector<std::string>& arguments,
                  const std::map<std::string, std::string>& environment = {});
    /// The same as a transcript: command, stdout, stderr, exit code; with what differs from run to run
    /// replaced by words (SITE, STATE, TIME, SIZE, BACKUP, RUN, USER, HOST).
    std::string transcript(const std::vector<std::string>& arguments);
    /// The same on a terminal (support/terminal.h); with `styled`, styles are shown.
    std::string terminal_transcript(const std::vector<std::string>& arguments, const TerminalOptions& options,
                                    bool styled = false);
    TerminalRun on_terminal(const std::vector<std::string>& arguments, const TerminalOptions& options,
                            const std::map<std::string, std::string>& environment = {});
    void append(const std::string& file, const std::string& text);
    void write(const std::string& file, const std::string& text);
    void replace(const std::string& file, const std::string& from, const std::string& to);
    void sql(const std::string& statements);
    /// Every file below the docroot with its content, and every row of the database but the cache's; the same
    /// text means the same site.
    [[nodiscard]] std::string content();

  protected:
    /// How the real program is started on this site.
    [[nodiscard]] SpawnOptions command(const std::vector<std::string>& arguments,
                                       const std::map<std::string, std::string>& environment) const;

  private:
    std::string normalised(std::string text);
    TempDirectory temp_;
};

}  // namespace bdupdate::test
