<?php
// Tells which variables PHP files leave behind. Stdin: for each file the length of its path, a newline, the path.
// Stdout: for each file one line a variable, "name base64(serialize(value))", or "! message" when PHP threw, then ".".
// A fatal error ends it.

function bdupdate_peer_variables() {
  require func_get_arg(0);
  return get_defined_vars();
}

$directory = $argv[1];
while (($length = fgets(STDIN)) !== false) {
  $path = fread(STDIN, (int) $length);
  chdir($directory);
  $level = ob_get_level();
  ob_start();
  try {
    $variables = bdupdate_peer_variables($path);
    $error = null;
  }
  catch (Throwable $thrown) {
    $error = get_class($thrown) . ': ' . $thrown->getMessage();
  }
  while (ob_get_level() > $level) ob_end_clean();
  if ($error !== null) {
    echo '! ', str_replace("\n", ' ', $error), "\n";
  }
  else {
    foreach ($variables as $name => $value) {
      try {
        echo $name, ' ', base64_encode(serialize($value)), "\n";
      }
      catch (Throwable $thrown) {
        echo $name, ' ', base64_encode('object'), "\n";
      }
    }
  }
  echo ".\n";
}
