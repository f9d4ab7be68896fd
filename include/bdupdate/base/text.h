#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bdupdate {

std::vector<std::string_view> split(std::string_view text, char separator);
std::string_view trim(std::string_view text);
/// ASCII only, as PHP's function names are compared.
std::string to_lower(std::string_view text);
bool starts_with_ignoring_case(std::string_view text, std::string_view prefix);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
/// "1 update", "3 updates".
std::string counted(std::size_t count, std::string_view singular, std::string_view plural = {});
/// "1.4 MiB".
std::string size_text(std::uint64_t bytes);
/// Splits a command as a shell splits words (single and double quotes, backslash); no expansion of any kind.
/// `ok` is false where a quote is left open.
std::vector<std::string> split_command(std::string_view command, bool& ok);

}  // namespace bdupdate
