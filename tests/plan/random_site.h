#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "bdupdate/plan/facts.h"
#include "bdupdate/plan/numbering.h"

namespace bdupdate::plan::test {

/// Random sites whose updates have no cyclic dependencies, the same for the same seed everywhere.
class RandomSite {
  public:
    explicit RandomSite(std::uint32_t seed) : random_(seed) {}

    Facts make() {
        const bool large = one_in(8);
        const int modules = large ? between(8, 28) : between(1, 10);
        std::vector<std::string> names = names_for(modules);
        for (const std::string& name : names) facts_.modules.push_back(module(name, large ? 24 : 7));
        interleave();
        const int wanted = one_in(6) ? 0 : between(0, modules * between(1, 5));
        for (int i = 0; i < wanted && !sequence_.empty(); ++i) add_dependency();
        return std::move(facts_);
    }

  private:
    // Not std::uniform_int_distribution: its results differ between libraries.
    int between(int low, int high) {
        return low + static_cast<int>(random_() % static_cast<std::uint32_t>(high - low + 1));
    }
    bool one_in(int n) { return between(1, n) == 1; }

    std::vector<std::string> names_for(int count) {
        // Names that are prefixes of each other, and that sort differently with and without their
        // underscores.
        static const std::vector<std::string> stems = {"system", "node",  "a",    "ab",
                                                       "a_b",    "views", "user", "field"};
        std::vector<std::string> names;
        for (int i = 0; i < count; ++i) {
            std::string name = stems[static_cast<std::size_t>(i) % stems.size()];
            if (i >= 8) name += (i % 3 == 0 ? "_x" : "z") + std::to_string(i);
            names.push_back(name);
        }
        for (std::size_t i = names.size(); i > 1; --i) {
            std::swap(names[i - 1], names[static_cast<std::size_t>(between(0, static_cast<int>(i) - 1))]);
        }
        return names;
    }

    std::vector<int> numbers(int most) {
        std::vector<int> result;
        const auto run_of = [&](int first, int count) {
            for (int i = 0; i < count; ++i) {
                result.push_back(first);
                first += between(1, 3);
            }
        };
        if (one_in(4)) run_of(between(7000, 7100), between(1, most));
        if (one_in(40)) run_of(between(8000, 8900), between(1, 3));
        if (one_in(40)) run_of(between(6000, 6100), between(1, 2));
        if (one_in(40)) run_of(between(9000, 9100), between(1, 2));
        if (one_in(20)) run_of(between(0, 3), between(1, 2));
        if (!one_in(5) || result.empty()) run_of(one_in(2) ? 1000 : between(1000, 1300), between(1, most));
        std::sort(result.begin(), result.end(), [](int a, int b) { return order_key(a) < order_key(b); });
        return result;
    }

    ModuleFacts module(const std::string& name, int most) {
        ModuleFacts facts;
        facts.name = name;
        facts.enabled = true;
        const std::vector<int> list = numbers(most);
        facts.schema_version = schema_for(list);
        if (one_in(10)) {
            const int any = list[static_cast<std::size_t>(between(0, static_cast<int>(list.size()) - 1))];
            facts.last_removed = one_in(2) ? between(7000, 7100) : any;
        }
        for (const int number : list) {
            scan::UpdateFunction update;
            update.module = name;
            update.number = (one_in(60) ? "0" : "") + std::to_string(number);
            update.function = name + "_update_" + update.number;
            facts.updates.push_back(std::move(update));
        }
        return facts;
    }

    int schema_for(const std::vector<int>& list) {
        switch (between(0, 9)) {
            case 0:
            case 1:
                return 0;
            case 2:
                return list.back();
            case 3:
                return one_in(4) ? between(6000, 6999) : between(7000, 7110);
            case 4:
                return list.front();
            case 5:
                return list[static_cast<std::size_t>(between(0, static_cast<int>(list.size()) - 1))];
            default:
                return std::max(0, list.front() - 1);
        }
    }

    /// A sequence of all updates in which each module's stand in their order; dependencies only point
    /// backwards.
    void interleave() {
        std::vector<std::size_t> next(facts_.modules.size(), 0);
        std::vector<std::size_t> open(facts_.modules.size());
        for (std::size_t i = 0; i < open.size(); ++i) open[i] = i;
        while (!open.empty()) {
            const auto slot = static_cast<std::size_t>(between(0, static_cast<int>(open.size()) - 1));
            const std::size_t index = open[slot];
            const auto burst = between(1, 4);
            for (int i = 0; i < burst && next[index] < facts_.modules[index].updates.size(); ++i) {
                sequence_.push_back(&facts_.modules[index].updates[next[index]++]);
            }
            if (next[index] == facts_.modules[index].updates.size()) {
                open.erase(open.begin() + static_cast<std::ptrdiff_t>(slot));
            }
        }
    }

    void add_dependency() {
        const int target = between(0, static_cast<int>(sequence_.size()) - 1);
        const scan::UpdateFunction& update = *sequence_[static_cast<std::size_t>(target)];
        scan::Dependency dependency{update.module, update.number, {}, {}};
        if (target > 0 && !one_in(4)) {
            const scan::UpdateFunction& other = *sequence_[static_cast<std::size_t>(between(0, target - 1))];
            dependency.other_module = other.module;
            dependency.other_number = other.number;
        } else {
            const auto any =
                static_cast<std::size_t>(between(0, static_cast<int>(facts_.modules.size()) - 1));
            dependency.other_module = one_in(5) ? "gone" : facts_.modules[any].name;
            // Numbers that no module here has: an update outside the run, performed or missing.
            dependency.other_number = std::to_string(one_in(3) ? between(7200, 7230) : between(900, 960));
            if (one_in(4)) {
                // One that a module has, but written differently: for core it is another one that compares as
                // equal.
                const scan::UpdateFunction& other = *sequence_[any % sequence_.size()];
                dependency.other_module = other.module;
                dependency.other_number = '0' + other.number;
            }
        }
        facts_.dependencies.push_back(std::move(dependency));
    }

    std::mt19937 random_;
    Facts facts_;
    std::vector<const scan::UpdateFunction*> sequence_;
};

/// One line of JSON for reference_order.php. Names here need no escaping.
inline std::string to_json(const Facts& facts) {
    const auto number = [](const std::string& text) { return text[0] == '0' ? "\"" + text + "\"" : text; };
    std::string json = R"({"modules":[)";
    for (const ModuleFacts& module : facts.modules) {
        if (json.back() == ']') json += ',';
        json += R"([")" + module.name + R"(",)" + std::to_string(module.schema_version) + ',' +
                (module.last_removed ? std::to_string(*module.last_removed) : "null") + ",[";
        for (const scan::UpdateFunction& update : module.updates) {
            if (json.back() != '[') json += ',';
            json += '"' + update.number + '"';
        }
        json += "]]";
    }
    json += R"(],"dependencies":[)";
    for (const scan::Dependency& dependency : facts.dependencies) {
        if (json.back() == ']') json += ',';
        json += R"([")" + dependency.module + R"(",)" + number(dependency.number) + R"(,")" +
                dependency.other_module + R"(",)" + number(dependency.other_number) + ']';
    }
    return json + "]" + (facts.rules == Rules::Drupal7 ? R"(,"drupal7":true})" : "}") + "\n";
}

}  // namespace bdupdate::plan::test
