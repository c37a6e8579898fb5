/* libffi, as Swift can use it. The built-in types are mutable globals in ffi.h,
 * which Swift 6 refuses to touch; they never change, and these say so. */
#include <ffi.h>

static inline ffi_type *stg_ffi_void(void) { return &ffi_type_void; }
static inline ffi_type *stg_ffi_i32(void) { return &ffi_type_sint32; }
static inline ffi_type *stg_ffi_i64(void) { return &ffi_type_sint64; }
static inline ffi_type *stg_ffi_u64(void) { return &ffi_type_uint64; }
static inline ffi_type *stg_ffi_f64(void) { return &ffi_type_double; }
static inline ffi_type *stg_ffi_ptr(void) { return &ffi_type_pointer; }
