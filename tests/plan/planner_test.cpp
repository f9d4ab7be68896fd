#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bdupdate/plan/plan.h"

namespace bdupdate::plan {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

ModuleFacts module(const std::string& name, int schema, const std::vector<std::string>& numbers) {
    ModuleFacts facts;
    facts.name = name;
    facts.schema_version = schema;
    facts.enabled = true;
    for (const std::string& number : numbers) {
        scan::UpdateFunction update;
        update.module = name;
        update.number = number;
        update.function = name + "_update_" + number;
        update.file = "modules/" + name + "/" + name + ".install";
        facts.updates.push_back(update);
    }
    return facts;
}

ModuleFacts removed_up_to(ModuleFacts facts, int last_removed) {
    facts.last_removed = last_removed;
    return facts;
}

ModuleFacts without_code(const std::string& name, scan::CodeState code, bool enabled) {
    ModuleFacts facts = module(name, 1000, {"1001"});
    facts.code = code;
    facts.enabled = enabled;
    return facts;
}

std::vector<std::string> steps(const Plan& plan) {
    std::vector<std::string> names;
    for (const Step& step : plan.steps) names.push_back(step.update.function);
    return names;
}

std::vector<std::string> blocked(const Plan& plan) {
    std::vector<std::string> names;
    for (const Blocked& entry : plan.blocked) {
        names.push_back(entry.function.empty() ? entry.module : entry.function);
    }
    return names;
}

Plan planned(const Facts& facts, const Selection& selection = {}) {
    auto plan = make_plan(facts, selection);
    EXPECT_TRUE(plan) << (plan ? "" : plan.error().message);
    return plan ? *plan : Plan{};
}

Error refused(const Facts& facts, const Selection& selection = {}) {
    const auto plan = make_plan(facts, selection);
    EXPECT_FALSE(plan);
    return plan ? Error{} : plan.error();
}

}  // namespace

TEST(Pending, AModuleWithoutUpdatesIsSilent) {
    const Plan plan = planned({{module("a", 0, {})}, {}});
    EXPECT_THAT(plan.steps, IsEmpty());
    EXPECT_THAT(plan.blocked, IsEmpty());
    EXPECT_THAT(plan.modules, IsEmpty());
    EXPECT_THAT(plan.warnings, IsEmpty());
}

TEST(Pending, EverythingAboveTheStoredNumberRuns) {
    EXPECT_THAT(steps(planned({{module("a", 1001, {"1002", "1000", "1001", "1100"})}, {}})),
                ElementsAre("a_update_1002", "a_update_1100"));
}

TEST(Pending, AtZeroEverythingIsPendingButSevenThousandItself) {
    EXPECT_THAT(steps(planned({{module("a", 0, {"1000", "7000", "7001"})}, {}})),
                ElementsAre("a_update_7001", "a_update_1000"));
}

TEST(Pending, FromDrupal7TheLegacyOnesComeFirst) {
    EXPECT_THAT(steps(planned({{module("a", 7001, {"1000", "7001", "7002", "1005"})}, {}})),
                ElementsAre("a_update_7002", "a_update_1000", "a_update_1005"));
}

TEST(Pending, ANumberOfDrupal6CountsAsZeroAndIsReported) {
    const Plan plan = planned({{module("book", 6000, {"1000"})}, {}});
    EXPECT_THAT(steps(plan), ElementsAre("book_update_1000"));
    EXPECT_THAT(plan.warnings, ElementsAre(HasSubstr("book is at 6000")));
}

TEST(Pending, AppliedUpdatesThatCoreWouldRepeatAreNotRun) {
    const Plan plan = planned({{module("a", 1005, {"8006", "1000", "1005"})}, {}});
    EXPECT_THAT(steps(plan), ElementsAre("a_update_8006"));
    EXPECT_THAT(plan.warnings, ElementsAre(HasSubstr("a_update_1000, a_update_1005 were applied before")));
}

TEST(Pending, NumbersKeepTheTextTheyHaveInTheFunctionName) {
    const Plan plan = planned({{module("a", 0, {"01000"})}, {}});
    EXPECT_THAT(steps(plan), ElementsAre("a_update_01000"));
    EXPECT_EQ(plan.steps[0].update.number, "01000");
}

TEST(Pending, AModuleNamedWithCapitalsNeverHasUpdates) {
    const Plan plan = planned({{module("Loud", 0, {"1000"})}, {}});
    EXPECT_THAT(plan.steps, IsEmpty());
    EXPECT_THAT(plan.warnings, ElementsAre(HasSubstr("Loud has capitals")));
}

TEST(Pending, AnUninstalledModuleHasNone) {
    EXPECT_THAT(steps(planned({{module("a", -1, {"1000"})}, {}})), IsEmpty());
}

TEST(Pending, ARowThatStandsTwiceCountsOnceWithItsLastNumber) {
    const Facts facts{
        {module("a", 0, {"1000", "1001"}), module("b", 0, {"1000"}), module("a", 1000, {"1000", "1001"})},
        {}};
    EXPECT_THAT(steps(planned(facts)), ElementsAre("a_update_1001", "b_update_1000"));
}

TEST(Pending, DisabledModulesAreUpdatedToo) {
    ModuleFacts facts = module("a", 0, {"1000"});
    facts.enabled = false;
    EXPECT_THAT(steps(planned({{facts}, {}})), ElementsAre("a_update_1000"));
}

Facts drupal7(std::vector<ModuleFacts> modules) {
    return {std::move(modules), {}, Rules::Drupal7};
}

TEST(Drupal7, TakesNumbersAsTheyAre) {
    EXPECT_THAT(steps(planned(drupal7({module("a", 0, {"7000", "7001"})}))),
                ElementsAre("a_update_7000", "a_update_7001"));
    EXPECT_THAT(steps(planned(drupal7({module("a", 7001, {"1000", "6100", "7001", "7002"})}))),
                ElementsAre("a_update_7002"));
    const Plan plan = planned(drupal7({module("a", 6103, {"7000", "6102", "6104"})}));
    EXPECT_THAT(steps(plan), ElementsAre("a_update_6104", "a_update_7000"));
    EXPECT_THAT(plan.warnings, IsEmpty());
}

TEST(Drupal7, RemovedUpdatesBlockBelowTheirNumber) {
    EXPECT_THAT(blocked(planned(drupal7({removed_up_to(module("a", 6999, {"7001"}), 7000)}))),
                ElementsAre("a"));
    EXPECT_THAT(steps(planned(drupal7({removed_up_to(module("a", 7000, {"7001"}), 7000)}))),
                ElementsAre("a_update_7001"));
}

TEST(Drupal7, EqualWeightsKeepTheOrderOfTheRows) {
    const Facts facts = drupal7(
        {module("system", 7000, {"7001", "7002"}), module("b", 7000, {"7001"}), module("a", 7000, {"7001"})});
    EXPECT_THAT(steps(planned(facts)),
                ElementsAre("system_update_7001", "system_update_7002", "b_update_7001", "a_update_7001"));
}

TEST(Drupal7, CodeForAnotherCoreIsNamedAsNotDrupals) {
    const Plan plan = planned(drupal7({without_code("a", scan::CodeState::WrongCore, true)}));
    ASSERT_EQ(plan.modules.size(), 1U);
    EXPECT_THAT(plan.modules[0].text, HasSubstr("not for Drupal 7.x"));
}

TEST(Refused, ANumberThatTheColumnCannotHold) {
    const Error error = refused({{module("a", 0, {"1000", "32768"})}, {}});
    EXPECT_EQ(error.code, ExitCode::Preflight);
    EXPECT_THAT(error.message, HasSubstr("a_update_32768 of a in modules/a/a.install"));
    EXPECT_THAT(error.hint, HasSubstr("--skip a"));
}

TEST(Refused, NotTheHighestNumberThatTheColumnHolds) {
    EXPECT_THAT(steps(planned({{module("a", 0, {"32767"})}, {}})), ElementsAre("a_update_32767"));
}

TEST(Refused, NotANumberTooHighOfAModuleThatIsLeftOut) {
    const Facts facts{{module("a", 0, {"99999999999999999999"}), module("b", 0, {"1"})}, {}};
    EXPECT_THAT(steps(planned(facts, {{}, {"a"}, {}})), ElementsAre("b_update_1"));
}

TEST(Refused, TwoPendingUpdatesWithTheSameNumber) {
    const Error error = refused({{module("a", 0, {"01000", "1000"})}, {}});
    EXPECT_EQ(error.code, ExitCode::Preflight);
    EXPECT_THAT(error.message, HasSubstr("a_update_01000"));
    EXPECT_THAT(error.message, HasSubstr("a_update_1000"));
}

TEST(Refused, ACycleIsNamed) {
    const Facts facts{{module("a", 1000, {"1001"}), module("b", 1001, {"1002"})},
                      {{"b", "1002", "a", "1001"}, {"a", "1001", "b", "1002"}}};
    const Error error = refused(facts);
    EXPECT_EQ(error.code, ExitCode::Preflight);
    EXPECT_THAT(error.message, HasSubstr("a_update_1001 -> b_update_1002 -> a_update_1001"));
}

TEST(Refused, AnUpdateThatDependsOnItselfIsNamed) {
    EXPECT_THAT(refused({{module("a", 0, {"1000"})}, {{"a", "1000", "a", "1000"}}}).message,
                HasSubstr("a_update_1000 -> a_update_1000"));
}

TEST(Refused, NotACycleThroughWhatWasPerformed) {
    const Facts facts{{module("a", 1001, {"1001"}), module("b", 1001, {"1002"})},
                      {{"b", "1002", "a", "1001"}, {"a", "1001", "b", "1002"}}};
    EXPECT_THAT(steps(planned(facts)), ElementsAre("b_update_1002"));
}

TEST(LastRemoved, BlocksTheModuleAndSaysWhatToDo) {
    const Plan plan =
        planned({{removed_up_to(module("a", 1001, {"1005"}), 1004), module("b", 0, {"1"})}, {}});
    EXPECT_THAT(steps(plan), ElementsAre("b_update_1"));
    ASSERT_THAT(blocked(plan), ElementsAre("a"));
    EXPECT_EQ(plan.blocked[0].reason, BlockedReason::LastRemoved);
    EXPECT_THAT(plan.blocked[0].why, HasSubstr("a is at 1001"));
    EXPECT_THAT(plan.blocked[0].why, HasSubstr("1004"));
}

TEST(LastRemoved, BlocksWhatDependsOnTheModule) {
    const Facts facts{{removed_up_to(module("a", 1001, {"1005"}), 1004), module("b", 0, {"1000", "1001"})},
                      {{"b", "1000", "a", "1005"}}};
    const Plan plan = planned(facts);
    EXPECT_THAT(steps(plan), IsEmpty());
    EXPECT_THAT(blocked(plan), ElementsAre("a", "b_update_1000", "b_update_1001"));
    EXPECT_EQ(plan.blocked[1].reason, BlockedReason::DependsOnBlocked);
    EXPECT_EQ(plan.blocked[2].reason, BlockedReason::DependsOnBlocked);
    EXPECT_EQ(plan.blocked[2].number, "1001");
}

TEST(LastRemoved, DoesNotBlockWhatDependsOnAnEarlierUpdateOfTheModule) {
    const Facts facts{{removed_up_to(module("a", 1001, {"1005"}), 1004), module("b", 0, {"1000"})},
                      {{"b", "1000", "a", "1001"}}};
    EXPECT_THAT(steps(planned(facts)), ElementsAre("b_update_1000"));
}

TEST(Dependencies, AMissingUpdateBlocksItsDependentsTransitively) {
    const Facts facts{
        {module("a", 1000, {"1001", "1002"}), module("b", 1000, {"1000"}), module("c", 0, {"1000", "1001"})},
        {{"a", "1002", "b", "1009"}, {"c", "1001", "a", "1002"}}};
    const Plan plan = planned(facts);
    EXPECT_THAT(steps(plan), ElementsAre("c_update_1000", "a_update_1001"));
    ASSERT_THAT(blocked(plan), ElementsAre("a_update_1002", "c_update_1001"));
    EXPECT_EQ(plan.blocked[0].reason, BlockedReason::MissingDependency);
    EXPECT_THAT(plan.blocked[0].why, HasSubstr("needs b_update_1009"));
    EXPECT_THAT(plan.blocked[0].why, HasSubstr("b is at 1000"));
    EXPECT_EQ(plan.blocked[1].reason, BlockedReason::DependsOnBlocked);
    EXPECT_THAT(plan.blocked[1].why, HasSubstr("needs a_update_1002"));
}

TEST(Dependencies, APerformedUpdateBlocksNothing) {
    const Facts facts{{module("a", 0, {"1000"}), module("b", 1003, {})}, {{"a", "1000", "b", "1003"}}};
    const Plan plan = planned(facts);
    EXPECT_THAT(steps(plan), ElementsAre("a_update_1000"));
    EXPECT_THAT(plan.steps[0].after, IsEmpty());
}

TEST(Dependencies, OnAModuleThatIsNotInstalledBlock) {
    const Plan plan =
        planned({{module("a", 0, {"1000"}), module("b", -1, {"1000"})}, {{"a", "1000", "b", "1000"}}});
    ASSERT_THAT(blocked(plan), ElementsAre("a_update_1000"));
    EXPECT_THAT(plan.blocked[0].why, HasSubstr("the module b is not installed"));
}

TEST(Dependencies, OnALegacySiteNativeUpdatesDoNotCountAsPerformed) {
    // Core compares 1005 <= 7084 and goes on.
    const Facts facts{{module("a", 0, {"1000"}), module("b", 7084, {})}, {{"a", "1000", "b", "1005"}}};
    EXPECT_THAT(blocked(planned(facts)), ElementsAre("a_update_1000"));
}

TEST(Dependencies, OnANativeSiteLegacyUpdatesCountAsPerformed) {
    // Core compares 7084 <= 1095 and blocks.
    const Facts facts{{module("a", 0, {"1000"}), module("b", 1095, {})}, {{"a", "1000", "b", "7084"}}};
    EXPECT_THAT(steps(planned(facts)), ElementsAre("a_update_1000"));
}

TEST(Dependencies, AtZeroNothingWasPerformed) {
    const Facts facts{{module("a", 0, {"1000"}), module("b", 0, {})}, {{"a", "1000", "b", "7084"}}};
    EXPECT_THAT(blocked(planned(facts)), ElementsAre("a_update_1000"));
}

TEST(Dependencies, AnUpdateThatIsNeverPendingCountsAsPerformed) {
    const Facts facts{{module("a", 0, {"1000"}), module("b", 0, {"7000"})}, {{"a", "1000", "b", "7000"}}};
    EXPECT_THAT(steps(planned(facts)), ElementsAre("a_update_1000"));
}

TEST(Dependencies, OnAModuleWithoutCodeBlockUnlessPerformed) {
    const Facts facts{{module("a", 0, {"1000", "1001"}), without_code("b", scan::CodeState::NotFound, true)},
                      {{"a", "1000", "b", "1000"}, {"a", "1001", "b", "1001"}}};
    const Plan plan = planned(facts);
    EXPECT_THAT(steps(plan), ElementsAre("a_update_1000"));
    ASSERT_THAT(blocked(plan), ElementsAre("a_update_1001"));
    EXPECT_EQ(plan.blocked[0].reason, BlockedReason::MissingDependency);
    EXPECT_THAT(plan.blocked[0].why, HasSubstr("the code of b is missing"));
}

TEST(Steps, NameWhatOtherModulesPutBeforeThem) {
    const Facts facts{
        {module("a", 0, {"1000", "1001"}), module("b", 0, {"1000", "1001"}), module("c", 0, {"1"})},
        {{"a", "1001", "b", "1001"}, {"a", "1001", "c", "1"}, {"a", "1001", "a", "1000"}}};
    const Plan plan = planned(facts);
    EXPECT_EQ(plan.steps.back().update.function, "a_update_1001");
    EXPECT_THAT(plan.steps.back().after, ElementsAre("b_update_1001", "c_update_1"));
}

TEST(Steps, TheLastOneOfEachModuleIsMarked) {
    const Facts facts{{module("a", 0, {"1000", "1001"}), module("b", 0, {"1000", "1001", "1002"})},
                      {{"b", "1002", "gone", "1"}}};
    std::vector<std::string> last;
    for (const Step& step : planned(facts).steps) {
        if (step.last_of_module) last.push_back(step.update.function);
    }
    // b_update_1002 is blocked, so b ends at 1001.
    EXPECT_THAT(last, ElementsAre("b_update_1001", "a_update_1001"));
}

TEST(Steps, SystemIsTakenFirstWhereverItsRowStands) {
    // Core's search begins with the first and numbers what it needs last, so the first one ends up nearest to
    // z.
    const Facts facts{
        {module("a", 0, {"1000", "1001"}), module("z", 0, {"1"}), module("system", 0, {"1000"})},
        {{"z", "1", "system", "1000"}, {"z", "1", "a", "1001"}}};
    EXPECT_THAT(steps(planned(facts)),
                ElementsAre("a_update_1000", "a_update_1001", "system_update_1000", "z_update_1"));
}

TEST(Notes, EveryModuleWhoseCodeDoesNotCountIsShownAndNeverRun) {
    const Plan plan = planned({{without_code("missing", scan::CodeState::NotFound, true),
                                without_code("orphan", scan::CodeState::NotFound, false),
                                without_code("merged", scan::CodeState::Merged, true),
                                without_code("drupal", scan::CodeState::WrongCore, true),
                                without_code("modern", scan::CodeState::PhpTooOld, false)},
                               {}});
    EXPECT_THAT(plan.steps, IsEmpty());
    std::vector<ModuleProblem> problems;
    for (const ModuleNote& note : plan.modules) {
        problems.push_back(note.problem);
        EXPECT_THAT(note.text, HasSubstr(note.module));
    }
    EXPECT_THAT(problems, ElementsAre(ModuleProblem::Missing, ModuleProblem::Orphan, ModuleProblem::Merged,
                                      ModuleProblem::WrongCore, ModuleProblem::PhpTooOld));
    EXPECT_TRUE(plan.modules[0].enabled);
    EXPECT_FALSE(plan.modules[4].enabled);
}

TEST(Selection, OnlyTheNamedModulesRun) {
    const Facts facts{{module("a", 0, {"1"}), module("b", 0, {"1"})}, {}};
    const Plan plan = planned(facts, {{"b"}, {}, {}});
    EXPECT_THAT(steps(plan), ElementsAre("b_update_1"));
    EXPECT_THAT(plan.blocked, IsEmpty());
}

TEST(Selection, DependentsOfASkippedModuleAreLeftOutTransitively) {
    const Facts facts{{module("a", 0, {"1"}), module("b", 0, {"1", "2"}), module("c", 0, {"1"})},
                      {{"b", "1", "a", "1"}}};
    const Plan plan = planned(facts, {{}, {"a"}, {}});
    EXPECT_THAT(steps(plan), ElementsAre("c_update_1"));
    ASSERT_THAT(blocked(plan), ElementsAre("b_update_1", "b_update_2"));
    EXPECT_EQ(plan.blocked[0].reason, BlockedReason::NotSelected);
    EXPECT_EQ(plan.blocked[1].reason, BlockedReason::NotSelected);
    EXPECT_THAT(plan.blocked[0].why, HasSubstr("needs a_update_1"));
}

TEST(Selection, WhatAnUnselectedModuleDoesNotHaveIsMissing) {
    const Facts facts{{module("a", 0, {"1"}), module("b", 0, {"1"})}, {{"b", "1", "a", "2"}}};
    const Plan plan = planned(facts, {{"b"}, {}, {}});
    ASSERT_THAT(blocked(plan), ElementsAre("b_update_1"));
    EXPECT_EQ(plan.blocked[0].reason, BlockedReason::MissingDependency);
}

TEST(Selection, AFailedUpdateLeavesOutWhatNeedsItAndKeepsTheOrderOfTheRest) {
    const Facts facts{{module("a", 0, {"1", "2", "3"}), module("b", 0, {"1"}), module("c", 0, {"1", "2"})},
                      {{"b", "1", "a", "3"}}};
    EXPECT_THAT(steps(planned(facts)), ElementsAre("a_update_1", "a_update_2", "c_update_1", "a_update_3",
                                                   "b_update_1", "c_update_2"));
    const Plan plan = planned(facts, {{}, {}, {"a_update_2"}});
    EXPECT_THAT(steps(plan), ElementsAre("a_update_1", "c_update_1", "c_update_2"));
    EXPECT_THAT(blocked(plan), ElementsAre("a_update_3", "b_update_1"));
    EXPECT_EQ(plan.blocked[1].reason, BlockedReason::NotSelected);
}

TEST(Selection, WhatIsMissingWeighsMoreThanWhatIsLeftOut) {
    const Facts facts{{module("a", 0, {"1"}), module("b", 0, {"1"})},
                      {{"b", "1", "a", "1"}, {"b", "1", "gone", "1"}}};
    const Plan plan = planned(facts, {{}, {"a"}, {}});
    ASSERT_THAT(blocked(plan), ElementsAre("b_update_1"));
    EXPECT_EQ(plan.blocked[0].reason, BlockedReason::MissingDependency);
}

TEST(Selection, FromRunsThatUpdateAndAllBehindIt) {
    const Facts facts{{module("a", 1003, {"1001", "1002", "1003", "1004", "7001"})}, {}};
    Selection selection;
    selection.from = {{"a", "1002"}};
    const Plan again = planned(facts, selection);
    EXPECT_THAT(steps(again), ElementsAre("a_update_1002", "a_update_1003", "a_update_1004"));
    EXPECT_THAT(
        again.warnings,
        ElementsAre("a_update_1002, a_update_1003 were applied before and run again, by --from a=1002"));
    selection.from = {{"a", "7001"}};
    EXPECT_THAT(
        steps(planned(facts, selection)),
        ElementsAre("a_update_7001", "a_update_1001", "a_update_1002", "a_update_1003", "a_update_1004"))
        << "7xxx stand before 1xxx";
}

TEST(Selection, FromSaysWhatItPassesOver) {
    const Facts facts{{module("a", 1000, {"1001", "1002", "1003"}), module("b", 0, {"1"})},
                      {{"b", "1", "a", "1001"}}};
    Selection selection;
    selection.from = {{"a", "1003"}};
    const Plan plan = planned(facts, selection);
    EXPECT_THAT(steps(plan), ElementsAre("a_update_1003", "b_update_1"))
        << "who starts behind an update takes it for done";
    EXPECT_THAT(plan.warnings, ElementsAre(HasSubstr("a_update_1001, a_update_1002 are passed over")));
}

TEST(Selection, FromRunsAModuleThatIsBlocked) {
    const Facts facts{{removed_up_to(module("a", 1001, {"1005"}), 1004)}, {}};
    Selection selection;
    selection.from = {{"a", "1005"}};
    EXPECT_THAT(steps(planned(facts, selection)), ElementsAre("a_update_1005"));
    EXPECT_THAT(planned(facts, selection).blocked, IsEmpty());
}

TEST(Selection, FromNeedsAnUpdateThatIsThere) {
    Selection selection;
    selection.from = {{"a", "1004"}};
    const Error error = refused({{module("a", 1001, {"1005"})}, {}}, selection);
    EXPECT_EQ(error.code, ExitCode::Usage);
    EXPECT_THAT(error.hint, HasSubstr("a_update_1005"));
}

TEST(Selection, WhatIsAcknowledgedIsMarkedAndStillThere) {
    const Facts facts{
        {removed_up_to(module("a", 1001, {"1005"}), 1004), without_code("b", scan::CodeState::NotFound, true),
         without_code("c", scan::CodeState::NotFound, true)},
        {}};
    Selection selection;
    selection.acknowledged = {"a", "b"};
    const Plan plan = planned(facts, selection);
    ASSERT_EQ(plan.blocked.size(), 1U);
    EXPECT_TRUE(plan.blocked[0].acknowledged);
    ASSERT_EQ(plan.modules.size(), 2U);
    EXPECT_TRUE(plan.modules[0].acknowledged);
    EXPECT_FALSE(plan.modules[1].acknowledged);
}

TEST(Selection, ModuleAndNumberAreReadStrictly) {
    EXPECT_EQ(module_and_number("foo=1003"), std::make_pair(std::string("foo"), std::string("1003")));
    for (const char* bad : {"foo", "=1003", "foo=", "foo=1a", "foo=-1", "foo=1=2", "foo=1234567890"})
        EXPECT_FALSE(module_and_number(bad)) << bad;
}

TEST(Selection, NamesThatNoModuleHasAreReported) {
    const Plan plan = planned({{module("a", 0, {"1"})}, {}}, {{}, {"typo"}, {}});
    EXPECT_THAT(plan.warnings, ElementsAre("no installed module is called typo"));
}

TEST(Selection, ABlockedModuleThatIsLeftOutIsNotReported) {
    const Facts facts{{removed_up_to(module("a", 1001, {"1005"}), 1004)}, {}};
    EXPECT_THAT(planned(facts, {{}, {"a"}, {}}).blocked, IsEmpty());
}

}  // namespace bdupdate::plan
