#include "bdupdate/plan/graph.h"

#include <algorithm>

namespace bdupdate::plan {

UpdateGraph::UpdateGraph(const std::vector<RunModule>& run, const std::vector<scan::Dependency>& declared,
                         Rules rules)
    : rules_(rules) {
    std::size_t updates = 0;
    for (const RunModule& module : run) updates += module.numbers.size();
    module_.reserve(updates + declared.size());
    number_.reserve(updates + declared.size());
    names_.reserve(run.size());
    name_ids_.reserve(run.size() + declared.size());
    for (const RunModule& module : run) {
        const auto id = static_cast<std::uint32_t>(names_.size());
        names_.push_back(module.name);
        name_ids_.emplace(module.name, id);
        const auto begin = static_cast<Vertex>(module_.size());
        for (const Number& number : module.numbers) {
            module_.push_back(id);
            number_.push_back(number);
        }
        ranges_.emplace_back(begin, static_cast<Vertex>(module_.size()));
    }
    first_outside_ = static_cast<Vertex>(module_.size());
    add_declared(declared);
    index_edges();
}

std::string UpdateGraph::function(Vertex vertex) const {
    std::string name(module(vertex));
    name += "_update_";
    name += number_[vertex].text;
    return name;
}

namespace {

auto by_order(Rules rules) {
    return [rules](const Number& left, const Number& right) {
        return order_key(left.value, rules) < order_key(right.value, rules);
    };
}

}  // namespace

/// The vertex of an update that is named in a hook; one outside the run is made where it is new.
UpdateGraph::Vertex UpdateGraph::vertex_of(std::uint32_t module, const Number& number) {
    if (number.numeric) {
        const auto [begin, end] = ranges_[module];
        const auto found =
            std::lower_bound(number_.begin() + begin, number_.begin() + end, number, by_order(rules_));
        // By text, as core's names are: "01000" is not the update "1000".
        if (found != number_.begin() + end && found->text == number.text) {
            return static_cast<Vertex>(found - number_.begin());
        }
    }
    std::string key(names_[module]);
    key += '\n';
    key += number.text;
    const auto [entry, is_new] = outside_.try_emplace(std::move(key), static_cast<Vertex>(module_.size()));
    if (is_new) {
        module_.push_back(module);
        number_.push_back(number);
    }
    return entry->second;
}

namespace {

/// What a hook said of one update of the run and one other module.
struct Demand {
    UpdateGraph::Vertex vertex;
    std::uint32_t other_module;
    Number other_number;
};

}  // namespace

void UpdateGraph::add_declared(const std::vector<scan::Dependency>& declared) {
    std::vector<Demand> demands;
    std::unordered_map<std::uint64_t, std::size_t> known;  // vertex and other module -> demand
    for (const scan::Dependency& dependency : declared) {
        const auto id = name_ids_.find(dependency.module);
        const Number number = parse_number(dependency.number);
        if (id == name_ids_.end() || !number.numeric) continue;
        const auto [begin, end] = ranges_[id->second];
        const auto found =
            std::lower_bound(number_.begin() + begin, number_.begin() + end, number, by_order(rules_));
        if (found == number_.begin() + end || found->text != number.text) continue;  // not in this run
        const auto vertex = static_cast<Vertex>(found - number_.begin());

        const auto other =
            name_ids_.try_emplace(dependency.other_module, static_cast<std::uint32_t>(names_.size()));
        if (other.second) {
            names_.push_back(dependency.other_module);
            ranges_.emplace_back(0, 0);
        }
        const std::uint32_t other_module = other.first->second;
        const Number other_number = parse_number(dependency.other_number);
        const std::uint64_t key = (std::uint64_t{vertex} << 32U) | other_module;
        const auto [demand, is_new] = known.try_emplace(key, demands.size());
        if (is_new) {
            demands.push_back({vertex, other_module, other_number});
        } else if (compare_numbers(other_number, demands[demand->second].other_number) > 0) {
            // Core keeps the highest number as it is written, also where 7010 runs before 1005.
            demands[demand->second].other_number = other_number;
        }
    }
    std::stable_sort(demands.begin(), demands.end(),
                     [](const Demand& left, const Demand& right) { return left.vertex < right.vertex; });
    before_.reserve(demands.size());
    for (const Demand& demand : demands) {
        before_.emplace_back(vertex_of(demand.other_module, demand.other_number), demand.vertex);
    }
}

void UpdateGraph::index_edges() {
    before_at_.assign(size() + 1, 0);
    after_at_.assign(size() + 1, 0);
    const auto is_chain = [this](const Edge& edge) {
        return edge.first + 1 == edge.second && has_next(edge.first);
    };
    for (const Edge& edge : before_) {
        ++before_at_[edge.second + 1];
        if (!is_chain(edge)) ++after_at_[edge.first + 1];
    }
    for (std::size_t i = 0; i < size(); ++i) {
        before_at_[i + 1] += before_at_[i];
        after_at_[i + 1] += after_at_[i];
    }
    after_.resize(after_at_.back());
    std::vector<std::uint32_t> fill(after_at_.begin(), after_at_.end() - 1);
    for (const Edge& edge : before_) {
        if (!is_chain(edge)) after_[fill[edge.first]++] = edge.second;
    }
}

bool UpdateGraph::has_next(Vertex vertex) const {
    return vertex + 1 < first_outside_ && module_[vertex] == module_[vertex + 1];
}

std::optional<UpdateGraph::Vertex> UpdateGraph::previous(Vertex vertex) const {
    if (vertex == 0 || vertex >= first_outside_ || !has_next(vertex - 1)) return std::nullopt;
    return vertex - 1;
}

std::vector<UpdateGraph::Vertex> UpdateGraph::declared_before(Vertex vertex) const {
    std::vector<Vertex> result;
    for (auto i = before_at_[vertex]; i < before_at_[vertex + 1]; ++i) result.push_back(before_[i].first);
    return result;
}

std::size_t UpdateGraph::count_after(Vertex vertex) const {
    return (has_next(vertex) ? 1U : 0U) + (after_at_[vertex + 1] - after_at_[vertex]);
}

/// The edges of a vertex in the order core put them in: the module's next update, then the declared ones.
UpdateGraph::Vertex UpdateGraph::after(Vertex vertex, std::size_t index) const {
    if (has_next(vertex)) {
        if (index == 0) return vertex + 1;
        --index;
    }
    return after_[after_at_[vertex] + index];
}

std::optional<std::vector<UpdateGraph::Vertex>> UpdateGraph::find_cycle() const {
    // What can run is taken away until nothing can; what stays lies on a cycle or behind one.
    std::vector<std::uint32_t> waiting(size());
    for (Vertex vertex = 0; vertex < size(); ++vertex) {
        for (std::size_t i = 0; i < count_after(vertex); ++i) ++waiting[after(vertex, i)];
    }
    std::vector<Vertex> ready;
    for (Vertex vertex = 0; vertex < size(); ++vertex) {
        if (waiting[vertex] == 0) ready.push_back(vertex);
    }
    for (std::size_t done = 0; done < ready.size(); ++done) {
        for (std::size_t i = 0; i < count_after(ready[done]); ++i) {
            const Vertex next = after(ready[done], i);
            if (--waiting[next] == 0) ready.push_back(next);
        }
    }
    if (ready.size() == size()) return std::nullopt;

    // Each that stays waits for one that stays: going back from any of them ends in a circle.
    const auto waits_for = [&](Vertex vertex) {
        if (const auto before = previous(vertex); before && waiting[*before] > 0) return *before;
        for (const Vertex before : declared_before(vertex)) {
            if (waiting[before] > 0) return before;
        }
        return vertex;
    };
    Vertex at = 0;
    while (waiting[at] == 0) ++at;
    std::vector<bool> seen(size());
    for (; !seen[at]; at = waits_for(at)) seen[at] = true;
    std::vector<Vertex> cycle{at};
    for (Vertex before = waits_for(at); before != at; before = waits_for(before)) cycle.push_back(before);
    std::reverse(cycle.begin(), cycle.end());
    std::rotate(cycle.begin(), std::min_element(cycle.begin(), cycle.end()), cycle.end());
    return cycle;
}

}  // namespace bdupdate::plan
