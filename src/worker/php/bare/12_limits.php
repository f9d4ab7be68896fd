<?php

/**
 * Where the bare API ends, said in words that help (docs/bare-api.md).
 */
class BdupdateBareLimits
{
    /**
     * Functions of Backdrop's that update functions are known to call and that are left out on purpose, with what to do instead.
     *
     * @return array<string, string>
     */
    public static function missing()
    {
        $entity = 'write the rows with db_insert() or db_update(): an update must not invoke hooks';
        $config = 'write the config file with config()';
        $module = 'use update_module_enable(), which installs MODULE_schema_0() and invokes no hooks';
        $none = 'the worker empties the cache tables after the last update';
        return array(
            'node_save' => $entity, 'node_load' => $entity, 'node_load_multiple' => $entity, 'node_delete' => $entity,
            'node_type_save' => $config, 'node_type_get_types' => 'read the files with config_get_names_with_prefix(\'node.type.\')',
            'user_save' => $entity, 'user_load' => $entity, 'user_load_multiple' => $entity, 'user_delete' => $entity,
            'user_roles' => 'read the files with config_get_names_with_prefix(\'user.role.\')',
            'user_role_load' => $config, 'user_role_save' => $config,
            'user_role_grant_permissions' => $config, 'user_role_revoke_permissions' => $config,
            'entity_load' => $entity, 'entity_load_multiple' => $entity, 'entity_save' => $entity, 'comment_save' => $entity,
            'taxonomy_term_save' => $entity, 'taxonomy_vocabulary_save' => $config, 'file_save' => $entity,
            'file_load' => $entity, 'field_create_field' => $config, 'field_create_instance' => $config,
            'field_update_field' => $config, 'field_update_instance' => $config, 'field_info_fields' => $config,
            'field_info_instances' => $config, 'field_info_field' => $config, 'field_read_fields' => $config,
            'menu_link_save' => $entity, 'menu_save' => $config, 'menu_rebuild' => $none, 'layout_load' => $config,
            'views_get_view' => $config, 'filter_formats' => $config, 'image_styles' => $config, 'image_style_save' => $config,
            'module_enable' => $module, 'module_disable' => $module, 'module_uninstall' => $module,
            'backdrop_flush_all_caches' => $none, 'system_rebuild_module_data' => $none, 'registry_rebuild' => $none,
            'drupal_set_message' => 'its name in Backdrop is backdrop_set_message()',
            'drupal_get_path' => 'its name in Backdrop is backdrop_get_path()',
            'drupal_write_record' => 'its name in Backdrop is backdrop_write_record()',
            'drupal_install_schema' => 'its name in Backdrop is backdrop_install_schema()',
            'drupal_get_schema_unprocessed' => 'its name in Backdrop is backdrop_get_schema_unprocessed()',
            'variable_set' => 'use config() or, for {variable} itself, update_variable_set()',
            'variable_del' => 'use config() or, for {variable} itself, update_variable_del()',
            'filter_xss' => 'use check_plain()', 'theme' => 'return plain text', 'l' => 'return plain text',
            'url' => 'return plain text', 'backdrop_mail' => 'an update must not send mail',
            'backdrop_http_request' => 'an update must not depend on another server',
            'entity_get_info' => $entity, 'field_purge_batch' => $entity, 'db_set_active' => 'a bare site has one database',
            'language_list' => 'read config language.settings', 'file_unmanaged_copy' => 'use copy()',
            'file_unmanaged_delete' => 'use unlink()', 'file_prepare_directory' => 'use mkdir()',
        );
    }

    /**
     * What to say about "Call to undefined function NAME()".
     *
     * @param string $name
     *
     * @return string
     */
    public static function explain($name)
    {
        $missing = self::missing();
        $key = strtolower($name);
        $text = "$name() is not part of the bare API (docs/bare-api.md)";
        return isset($missing[$key]) ? $text . ': ' . $missing[$key] : $text;
    }

    /**
     * @param string $what
     *
     * @return BdupdateBareException
     */
    public static function notPart($what)
    {
        return new BdupdateBareException("$what is not part of the bare API (docs/bare-api.md)");
    }
}
