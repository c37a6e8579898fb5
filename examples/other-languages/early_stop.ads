--  Only what the host looks for: everything else is in the body.
with System;

package Early_Stop is
   function Entry_Point return System.Address
     with Export, Convention => C, External_Name => "stg_plugin_entry";
end Early_Stop;
