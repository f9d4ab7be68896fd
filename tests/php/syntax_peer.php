<?php
// Tells which sources PHP's parser takes. Stdin: for each source its length in decimal, a newline, its bytes. Stdout: for
// each source "ok" or "error LINE message", then a line ".".

while (($length = fgets(STDIN)) !== false) {
  $source = '';
  while (strlen($source) < (int) $length) $source .= fread(STDIN, (int) $length - strlen($source));
  try {
    token_get_all($source, TOKEN_PARSE);
    echo "ok\n.\n";
  }
  catch (ParseError $error) {
    echo 'error ', $error->getLine(), ' ', str_replace("\n", ' ', $error->getMessage()), "\n.\n";
  }
}
