<?php

/**
 * Table prefixes, and names in SQL.
 */
abstract class BdupdateBareNames
{
    /** @var array<string, string> table => prefix; 'default' is always there */
    protected $prefixes = array('default' => '');

    /**
     * @param string $sql
     *   With {table} in it.
     *
     * @return string
     */
    public function prefixTables($sql)
    {
        $map = array();
        foreach ($this->prefixes as $table => $prefix) {
            if ($table !== 'default') {
                $map['{' . $table . '}'] = $this->quoteIdentifier($prefix . $table);
            }
        }
        $open = '`' . str_replace('.', '`.`', $this->prefixes['default']);
        return strtr($sql, $map + array('{' => $open, '}' => '`'));
    }

    /**
     * @param string $table
     *
     * @return string
     */
    public function tablePrefix($table = 'default')
    {
        return isset($this->prefixes[$table]) ? $this->prefixes[$table] : $this->prefixes['default'];
    }

    /**
     * A table's name as the database knows it.
     *
     * @param string $table
     *
     * @return string
     */
    public function fullName($table)
    {
        return $this->tablePrefix($table) . $table;
    }

    /**
     * @param string $name
     *   May be TABLE.FIELD.
     *
     * @return string
     */
    public function quoteIdentifier($name)
    {
        if ($name === '') {
            return '';
        }
        return '`' . implode('`.`', explode('.', $name, 2)) . '`';
    }

    /** @return string */
    public function escapeTable($table)
    {
        return (string) preg_replace('/[^A-Za-z0-9_.]+/', '', (string) $table);
    }

    /** @return string quoted */
    public function escapeField($field)
    {
        return $this->quoteIdentifier((string) preg_replace('/[^A-Za-z0-9_.]+/', '', (string) $field));
    }

    /** @return string quoted */
    public function escapeAlias($alias)
    {
        return $this->quoteIdentifier((string) preg_replace('/[^A-Za-z0-9_]+/', '', (string) $alias));
    }

    /** @return string with \ % and _ taken literally by LIKE */
    public function escapeLike($string)
    {
        return addcslashes((string) $string, '\%_');
    }
}
