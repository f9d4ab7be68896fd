// What an update's own code can do to a run: end PHP, eat its memory, hang, print, read, swallow errors.

#include "fault/faulty_update.h"

namespace bdupdate::test {
namespace {

const std::vector<Fault> deadly = {
    {"Exception", "throw new Exception('the river is too low');", "the river is too low"},
    {"Error", "no_such_function_at_all();", "undefined function no_such_function_at_all()"},
    {"ExitWithZero", "exit(0);", "exit()"},
    {"OutOfMemory",
     "ini_set('memory_limit', '32M'); $all = array(); while (TRUE) { $all[] = str_repeat('x', 1000000); }",
     "memory"},
    {"KilledBySignal", "posix_kill(posix_getpid(), 9);", "killed by signal 9"},
    {"HangingForever", "sleep(600);", "did not answer within 1", {"--pass-timeout", "1"}},
    {"HangingInALoop", "while (TRUE) {}", "did not answer within 1", {"--pass-timeout", "1"}},
    {"PrintingForever",
     "while (TRUE) { echo str_repeat('x', 100000), \"\\n\"; }",
     "did not answer within 1",
     {"--pass-timeout", "1"}},
    {"SandboxThatCannotBeSaved", "$sandbox['closure'] = function () {};", "Closure"},
    {"TypeErrorInTheSandbox", "$sandbox = 'text';", "dues_update_1007"},
};

TEST_F(FaultyUpdate, ThatEndsBadlyStopsTheRunAfterTheLastWholePass) {
    prepare(Store::Sqlite, deadly);
    for (const Fault& fault : deadly) expect_stop_and_recovery(fault);
}

TEST_F(FaultyUpdate, ThatEndsBadlyLeavesTheSiteAsBeforeByDefault) {
    for (const Store store : {Store::Sqlite, Store::MariaDb}) {
        if (store == Store::MariaDb && !MariaDb::available()) continue;
        prepare(store, deadly);
        for (const std::size_t which : {0U, 2U, 4U}) expect_restore(deadly[which]);
    }
}

const std::vector<Fault> harmless = {
    {"ReadsStandardInput", "file_get_contents('php://stdin');"},
    {"ChildReadsStandardInput", "passthru('cat');"},
    {"EchoesMegabytes", "for ($i = 0; $i < 80; ++$i) { echo str_repeat(\"noise $i \", 10000); }"},
    {"EchoesLines", "for ($i = 0; $i < 50000; ++$i) { echo \"line $i of what nobody asked for\\n\"; }"},
    {"WritesToStandardError", "fwrite(fopen('php://stderr', 'w'), str_repeat(\"noise\\n\", 200000));"},
    {"ReadsStandardInputWithoutWaiting",
     "$in = fopen('php://stdin', 'r'); stream_set_blocking($in, FALSE); fread($in, 1000);"},
    {"ChildPrints", "passthru('head -c 2000000 /dev/zero');"},
    {"KeepsObjects",
     "$sandbox['date'] = new DateTime('2014-05-09'); $sandbox['list'] = new ArrayObject(array(1, 'ü' => "
     "\"\\0\\xff\"));"},
    {"ChangesDirectoryAndLimits",
     "chdir('/'); set_time_limit(1); ini_set('memory_limit', '64M'); error_reporting(0);"},
    {"OpensBuffers", "ob_start(); ob_start(); echo 'kept back';"},
};

TEST_F(FaultyUpdate, ThatIsOnlyNoisyDoesNotDisturbTheRun) {
    prepare(Store::Sqlite, harmless);
    for (const Fault& fault : harmless) {
        const testing::ScopedTrace trace(__FILE__, __LINE__, fault.name);
        choose(fault);
        const Completed done = club->run({"run", "--yes", "--pass-timeout", "60"});
        EXPECT_EQ(done.status.code, 0) << done.err.substr(0, 3000);
        expect_updated();
    }
}

/// Objects in the sandbox survive the end of their process.
TEST_F(FaultyUpdate, ObjectsOfTheSandboxOutliveAKilledRun) {
    const Fault objects = {"Objects", R"php(
        $sandbox['date'] = new DateTime('2014-05-09');
        $sandbox['list'] = new ArrayObject(array(1, 'key' => "\0\xff"));
    }
  }
  if ($pass == 3 && isset($sandbox['date'])) {
    if (file_exists($flag)) {
      posix_kill(posix_getppid(), 9);
      sleep(600);
    }
    if ($sandbox['date']->format('Y-m-d') !== '2014-05-09' || $sandbox['list']['key'] !== "\0\xff") {
      throw new Exception('the sandbox came back changed');
    }
    switch (0) {
      case 1:
)php"};
    prepare(Store::Sqlite, {objects});
    choose(objects);
    const Completed killed = club->run({"run", "--yes"});
    EXPECT_EQ(killed.status.signal, 9) << killed.err;
    expect_recovery();
}

}  // namespace
}  // namespace bdupdate::test
