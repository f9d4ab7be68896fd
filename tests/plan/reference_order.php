<?php
/**
 * What Backdrop makes of a site's updates, in plain PHP and in its most literal form: arrays for vertices, all paths
 * spelt out, sorted by array_multisort(). The planner is compared with this.
 *
 * In: one site a line, {"modules": [[name, schema, last removed or null, [numbers]]], "dependencies":
 * [[module, number, other module, other number]]}; with "drupal7": true by Drupal 7's rules.
 * Out: three lines a site: "run" and module:number,number for each module; "order" and all vertices; "allowed" and
 * the updates that may run.
 */

class Rules {
  /** Numbers are compared as they are, and vertices sorted by weight alone. */
  public static $drupal7 = FALSE;
}

function legacy($number) {
  return !Rules::$drupal7 && $number >= 7000 && $number < 9000;
}

/** The updates that core starts: everything from a module's first pending one on. */
function run_list(array $site) {
  $lists = array('system' => array());
  foreach ($site['modules'] as list($name, $schema, $last_removed, $numbers)) {
    usort($numbers, function ($a, $b) {
      return (legacy($a) ? $a - 9000 : (int) $a) <=> (legacy($b) ? $b - 9000 : (int) $b);
    });
    $compared = legacy((int) $last_removed) && $schema < 7000 ? $schema + 7000 : $schema;
    if (!$numbers || $compared < $last_removed) {
      continue;
    }
    $reached = !Rules::$drupal7 && $schema >= 6000 && $schema < 7000 ? 0 : (legacy($schema) ? $schema - 7000 : $schema);
    foreach ($numbers as $place => $number) {
      if ((legacy($number) ? $number - 7000 : (int) $number) > $reached) {
        $lists[$name] = array_slice($numbers, $place);
        break;
      }
    }
  }
  return array_filter($lists);
}

/** The highest number asked for, by module, number and other module. */
function merged(array $dependencies) {
  $merged = array();
  foreach ($dependencies as list($module, $number, $other, $other_number)) {
    if (!isset($merged[$module][$number][$other]) || $other_number > $merged[$module][$number][$other]) {
      $merged[$module][$number][$other] = $other_number;
    }
  }
  return $merged;
}

class Graph {
  public $vertices = array();
  private $left = array();
  private $members = array();

  function __construct(array $lists, array $merged) {
    foreach ($lists as $module => $numbers) {
      $before = NULL;
      foreach ($numbers as $number) {
        $name = "{$module}_update_$number";
        if ($before !== NULL) {
          $this->vertices[$before]['edges'][$name] = TRUE;
        }
        $before = $name;
        // A number that is a key becomes an integer, unless it has a leading zero.
        $this->vertices[$name] = array('module' => $module, 'number' => key(array($number => 0)));
      }
    }
    $listed = $this->vertices;
    foreach ($listed as $name => $vertex) {
      $wanted = isset($merged[$vertex['module']][$vertex['number']]) ? $merged[$vertex['module']][$vertex['number']] : array();
      foreach ($wanted as $module => $number) {
        $other = "{$module}_update_$number";
        $this->vertices[$other]['edges'][$name] = TRUE;
        $this->vertices[$other]['module'] = $module;
        $this->vertices[$other]['number'] = $number;
      }
    }
  }

  function search() {
    foreach (array_keys($this->vertices) as $name) {
      if (!isset($this->vertices[$name]['paths'])) {
        $component = $name;
        $this->visit($name, $component);
      }
    }
    $weights = array();
    foreach ($this->left as $name) {
      $component = $this->vertices[$name]['component'];
      $weights[$component] = isset($weights[$component]) ? $weights[$component] - 1 : 0;
      $this->vertices[$name]['weight'] = $weights[$component];
    }
  }

  private function visit($name, &$component) {
    $this->vertices[$name]['paths'] = array();
    $this->vertices[$name]['component'] = $component;
    $this->members[$component][] = $name;
    $edges = isset($this->vertices[$name]['edges']) ? $this->vertices[$name]['edges'] : array();
    foreach (array_keys($edges) as $next) {
      $this->vertices[$name]['paths'][$next] = TRUE;
      $known = isset($this->vertices[$next]['component']) ? $this->vertices[$next]['component'] : $component;
      if ($known !== $component) {
        foreach ($this->members[$component] as $member) {
          $this->vertices[$member]['component'] = $known;
          $this->members[$known][] = $member;
        }
        unset($this->members[$component]);
        $component = $known;
      }
      if (!isset($this->vertices[$next]['paths'])) {
        $this->visit($next, $component);
      }
      $this->vertices[$name]['paths'] += $this->vertices[$next]['paths'];
    }
    foreach (array_keys($this->vertices[$name]['paths']) as $reached) {
      $this->vertices[$reached]['reverse_paths'][$name] = TRUE;
    }
    $this->left[] = $name;
  }

  function sort() {
    if (Rules::$drupal7) {
      uasort($this->vertices, function ($a, $b) {
        return $a['weight'] <=> $b['weight'];
      });
      return;
    }
    $weights = array_column($this->vertices, 'weight');
    array_multisort($weights, SORT_ASC, SORT_NUMERIC, $this->vertices);
  }

  /** The updates of the run that need nothing that is missing. */
  function allowed(array $lists, array $schemas) {
    $refused = array();
    $inside = array();
    foreach ($this->vertices as $name => $vertex) {
      $module = $vertex['module'];
      $inside[$name] = isset($lists[$module]) && in_array((string) $vertex['number'], $lists[$module], TRUE);
      $installed = isset($schemas[$module]) ? $schemas[$module] : -1;
      if (!$inside[$name] && $vertex['number'] > $installed) {
        $refused += $vertex['paths'];
      }
    }
    return array_keys(array_diff_key(array_filter($inside), $refused));
  }
}

while (($line = fgets(STDIN)) !== FALSE) {
  $site = json_decode($line, TRUE);
  Rules::$drupal7 = !empty($site['drupal7']);
  $lists = run_list($site);
  $graph = new Graph($lists, merged($site['dependencies']));
  $graph->search();
  $graph->sort();
  echo 'run';
  foreach ($lists as $module => $numbers) {
    echo " $module:", implode(',', $numbers);
  }
  echo "\norder ", implode(' ', array_keys($graph->vertices));
  echo "\nallowed ", implode(' ', $graph->allowed($lists, array_column($site['modules'], 1, 0))), "\n";
}
