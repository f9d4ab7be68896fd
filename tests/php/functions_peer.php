<?php
// Tells which functions PHP declares when it compiles sources, without running them: each is compiled in a namespace
// of its own, behind a `return`. Stdin and framing as in tokens_peer.php. Stdout: one line a function,
// "NAME LINE MD5-OF-DOC-COMMENT MD5-OF-DESCRIPTION"; "refused" where the source does not compile.

function description(string $doc): string {
  return trim(preg_replace(['#^\s*\/\*\*\s*#m', '#^\s*\*\/\s*$#m', '#^\s*\*\s*#m'], '', $doc));
}

register_shutdown_function(function () {
  if ($error = error_get_last()) fwrite(STDERR, $error['message'] . ' in ' . $error['file'] . "\n");
});

$count = 0;
while (($length = fgets(STDIN)) !== false) {
  $source = (int) $length > 0 ? stream_get_contents(STDIN, (int) $length) : '';
  $namespace = 't' . ++$count;
  $before = count(get_defined_functions()['user']);
  try {
    if (preg_match('/^\s*(namespace|declare)\b/m', $source)) throw new ParseError('cannot be wrapped');
    eval("namespace $namespace; return; ?>" . $source);
    foreach (array_slice(get_defined_functions()['user'], $before) as $name) {
      $function = new ReflectionFunction($name);
      $doc = (string) $function->getDocComment();
      echo $function->getShortName(), ' ', $function->getStartLine(), ' ', md5($doc), ' ', md5(description($doc)), "\n";
    }
  }
  catch (ParseError $e) {
    echo "refused\n";
  }
  echo ".\n";
}
