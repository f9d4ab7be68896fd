<?php
// Tells what PHP's own tokenizer makes of sources, brought to the granularity of bdupdate's lexer. Stdin: for each
// source its length in decimal, a newline, its bytes. Stdout: for each source one line a token, "KIND LINE LENGTH"
// (kinds by their place in TokenKind), then a line ".".

const INLINE_HTML = 0, OPEN_TAG = 1, CLOSE_TAG = 2, COMMENT = 3, DOC_COMMENT = 4, WHITESPACE = 5, IDENTIFIER = 6,
  VARIABLE = 7, INTEGER = 8, FLOAT = 9, STRING = 10, TEMPLATE = 11, HEREDOC = 12, BACKTICK = 13, ATTRIBUTE = 14,
  OPERATOR = 15, BAD = 16;

final class Peer {
  private array $tokens;
  private int $next = 0;
  private string $text = '';
  private int $id = 0;

  public function __construct(string $source) {
    $this->tokens = token_get_all($source);
  }

  private function take(): bool {
    if (!isset($this->tokens[$this->next])) return false;
    $token = $this->tokens[$this->next++];
    [$this->id, $this->text] = is_array($token) ? $token : [0, $token];
    return true;
  }

  // Up to the token that $is_end accepts: [text, whether something is interpolated, whether it ends at all].
  private function template(callable $is_end): ?array {
    $text = '';
    $interpolates = false;
    $in_offset = false;
    while ($this->take()) {
      $text .= $this->text;
      if ($in_offset) {
        // PHP leaves its offset state at "]" or with a token for what cannot stand there.
        $in_offset = !(($this->id === 0 && $this->text === ']') || $this->id === T_ENCAPSED_AND_WHITESPACE);
      }
      elseif ($this->id === T_VARIABLE) {
        $interpolates = true;
      }
      elseif ($this->id === 0 && $this->text === '[') {
        $in_offset = true;
      }
      elseif ($this->id === T_CURLY_OPEN || $this->id === T_DOLLAR_OPEN_CURLY_BRACES) {
        $interpolates = true;
        [$inner, $closed] = $this->block();
        $text .= $inner;
        if (!$closed) return [$text, true, false];
      }
      elseif ($is_end($this->id, $this->text)) {
        return [$text, $interpolates, true];
      }
    }
    return [$text, $interpolates, false];
  }

  private function block(): array {
    $text = '';
    while ($this->take()) {
      $text .= $this->text;
      if ($this->id === 0 && $this->text === '}' ) return [$text, true];
      if ($this->id === 0 && $this->text === '{') {
        [$inner, $closed] = $this->block();
      }
      elseif (($start = $this->template_end()) !== null) {
        [$inner, , $closed] = $this->template($start);
      }
      else continue;
      $text .= $inner;
      if (!$closed) return [$text, false];
    }
    return [$text, false];
  }

  // What ends the template that the current token begins; null: it begins none.
  private function template_end(): ?callable {
    if ($this->id === T_START_HEREDOC) return fn($id, $text) => $id === T_END_HEREDOC;
    if ($this->id !== 0) return null;
    if ($this->text === '`') return fn($id, $text) => $id === 0 && $text === '`';
    if (ltrim($this->text, 'bB') === '"') return fn($id, $text) => $id === 0 && $text === '"';
    return null;
  }

  // [[kind, text], ...]
  private function parts(): array {
    $text = $this->text;
    switch ($this->id) {
      case T_INLINE_HTML: return [[INLINE_HTML, $text]];
      case T_OPEN_TAG: case T_OPEN_TAG_WITH_ECHO: return [[OPEN_TAG, $text]];
      case T_CLOSE_TAG: return [[CLOSE_TAG, $text]];
      case T_DOC_COMMENT: return [[substr($text, -2) === '*/' ? DOC_COMMENT : BAD, $text]];
      case T_COMMENT:
        $bad = substr($text, 0, 2) === '/*' && (strlen($text) < 4 || substr($text, -2) !== '*/');
        return [[$bad ? BAD : COMMENT, $text]];
      case T_WHITESPACE: return [[WHITESPACE, $text]];
      case T_VARIABLE: return [[VARIABLE, $text]];
      case T_LNUMBER: case T_DNUMBER:
        return [[preg_match('/^(0[xbo].*|[0-9_]+)$/i', $text) ? INTEGER : FLOAT, $text]];
      case T_CONSTANT_ENCAPSED_STRING: return [[STRING, $text]];
      case T_ENCAPSED_AND_WHITESPACE: case T_BAD_CHARACTER: return [[BAD, $text]];
      case T_ATTRIBUTE: return [[ATTRIBUTE, $text]];
    }
    if (preg_match('/^[a-zA-Z_\x80-\xff]/', $text) || strlen($text) > 3 || $text[0] === '\\' || $text[0] === '(') {
      return $this->split($text);
    }
    return [[OPERATOR, $text]];
  }

  // Names with backslashes, casts and `yield from` are one token for PHP alone.
  private function split(string $text): array {
    preg_match_all('~([ \t\r\n]+)|([a-zA-Z_\x80-\xff][a-zA-Z0-9_\x80-\xff]*)|(.)~s', $text, $found, PREG_SET_ORDER);
    $parts = [];
    foreach ($found as $piece) {
      $parts[] = [$piece[1] !== '' ? WHITESPACE : ($piece[2] !== '' ? IDENTIFIER : OPERATOR), $piece[0]];
    }
    return $parts;
  }

  public function report(): string {
    $out = '';
    $line = 1;
    while ($this->take()) {
      $token = $this->tokens[$this->next - 1];
      // After a halt by close tag and newline, PHP 8.2 gives the rest the line before.
      $after_halt = $this->id === T_INLINE_HTML && $this->next === count($this->tokens);
      if (is_array($token) && $token[2] !== $line && !$after_halt) $out .= "PHP says line $token[2] where we count $line\n";
      $end = $this->template_end();
      if ($end !== null) {
        $heredoc = $this->id === T_START_HEREDOC;
        $start = $this->text;
        [$text, $interpolates, $closed] = $this->template($end);
        $kind = $start === '`' ? BACKTICK : ($interpolates ? TEMPLATE : ($heredoc ? HEREDOC : STRING));
        $parts = [[$closed ? $kind : BAD, $start . $text]];
      }
      else $parts = $this->parts();
      foreach ($parts as [$kind, $text]) {
        $out .= $kind . ' ' . $line . ' ' . strlen($text) . "\n";
        $line += substr_count($text, "\n");
        if (strpos($text, "\r") !== false) $line += preg_match_all('/\r(?!\n)/', $text);
      }
    }
    return $out . ".\n";
  }
}

while (($length = fgets(STDIN)) !== false) {
  $source = (int) $length > 0 ? stream_get_contents(STDIN, (int) $length) : '';
  fwrite(STDOUT, (new Peer($source))->report());
}
