! Early stopping (Li et al. 2024) in Fortran 2008: sample answers a window at a time, and stop as soon as a whole window
! agrees.
module early_stop
    use, intrinsic :: iso_c_binding
    implicit none
    private

    ! ---------------------------------------------------------- stratagem.h, as far as it is used here
    ! Fortran has no unsigned numbers: the bits are the same.
    type, bind(c) :: text_t
        type(c_ptr) :: chars = c_null_ptr
        integer(c_size_t) :: length = 0
    end type
    type, bind(c) :: value_t
        integer(c_int32_t) :: kind = 0, reserved = 0
        integer(c_int64_t) :: i = 0
        real(c_double) :: f = 0
        type(text_t) :: s
    end type
    type, bind(c) :: ask_t
        integer(c_int32_t) :: struct_size = 0, kind = 0
        integer(c_int64_t) :: tag = 0
        type(text_t) :: role
        integer(c_int64_t) :: node = 0
        integer(c_int32_t) :: count = 0, steps = 0, max_tokens = 0, problem = 0
        real(c_double) :: temperature = 0, top_p = 0, min_p = 0
        type(c_ptr) :: nodes = c_null_ptr
        integer(c_size_t) :: node_count = 0
        type(text_t) :: text
        type(c_ptr) :: params = c_null_ptr
        integer(c_size_t) :: param_count = 0
        real(c_double) :: share = 0
        integer(c_int64_t) :: max_generations = 0, max_tokens_total = 0
    end type
    type, bind(c) :: told_t
        integer(c_int32_t) :: struct_size, outcome
        integer(c_int64_t) :: tag
        type(c_ptr) :: nodes
        integer(c_size_t) :: node_count
    end type
    type, bind(c) :: tell_t
        integer(c_int32_t) :: struct_size, event
        type(c_ptr) :: told
        integer(c_size_t) :: told_count
    end type
    type, bind(c) :: answer_t
        integer(c_int64_t) :: node
        real(c_double) :: weight
    end type
    type, bind(c) :: next_t
        integer(c_int32_t) :: struct_size, kind
        type(c_ptr) :: asks
        integer(c_size_t) :: ask_count
        type(c_ptr) :: answers
        integer(c_size_t) :: answer_count
    end type
    type, bind(c) :: node_t
        integer(c_int32_t) :: struct_size = 0, flags = 0
        integer(c_int64_t) :: parent = 0
        integer(c_int32_t) :: problem = 0, depth = 0, steps = 0, tokens = 0
        real(c_double) :: log_probability = 0, score = 0
        type(text_t) :: text, answer
    end type
    type, bind(c) :: host_t
        integer(c_int32_t) :: struct_size
        integer(c_int16_t) :: major, minor
        type(c_ptr) :: host_data
        type(c_funptr) :: get_node, step_scores, get_budget, random, has_role, log, set_error, get_extension, generations_left
    end type
    type, bind(c) :: param_t
        integer(c_int32_t) :: struct_size = 0, kind = 0
        type(text_t) :: id, help
        type(value_t) :: fallback
        type(text_t) :: fallback_text
        real(c_double) :: min = 0, max = 0
        type(c_ptr) :: choices = c_null_ptr
        integer(c_size_t) :: choice_count = 0
        integer(c_int32_t) :: flags = 0, reserved = 0
    end type
    type, bind(c) :: problem_t
        integer(c_int32_t) :: struct_size, reserved
        type(text_t) :: text
        integer(c_int64_t) :: root
    end type
    type, bind(c) :: create_info_t
        integer(c_int32_t) :: struct_size, problem_count
        type(c_ptr) :: problems, params
        integer(c_size_t) :: param_count
        type(c_ptr) :: strategy
    end type
    type, bind(c) :: strategy_t
        integer(c_int32_t) :: struct_size = 0, flags = 0
        type(text_t) :: id, name, version, summary
        type(c_ptr) :: params = c_null_ptr
        integer(c_size_t) :: param_count = 0
        type(c_funptr) :: create = c_null_funptr, next = c_null_funptr, save = c_null_funptr, restore = c_null_funptr, &
            destroy = c_null_funptr
        type(c_ptr) :: roles = c_null_ptr
        integer(c_size_t) :: role_count = 0
    end type
    type, bind(c) :: plugin_t
        integer(c_int64_t) :: magic = 0
        integer(c_int32_t) :: struct_size = 0
        integer(c_int16_t) :: major = 1, minor = 1
        type(text_t) :: name, version
        type(c_ptr) :: strategies = c_null_ptr
        integer(c_size_t) :: strategy_count = 0
        type(c_ptr) :: functions = c_null_ptr
        integer(c_size_t) :: function_count = 0
        type(c_funptr) :: get_extension = c_null_funptr
    end type

    abstract interface
        integer(c_int32_t) function get_node_f(host, node, info) bind(c)
            import
            type(host_t), intent(in) :: host
            integer(c_int64_t), value :: node
            type(node_t), intent(inout) :: info
        end function
        integer(c_int32_t) function generations_left_f(host, node, steps, left) bind(c)
            import
            type(host_t), intent(in) :: host
            integer(c_int64_t), value :: node
            integer(c_int32_t), value :: steps
            integer(c_int64_t), intent(out) :: left
        end function
    end interface

    integer(c_int32_t), parameter :: ok = 0, event_start = 1, event_results = 2, answered = 8, answers_max = 1024

    ! ---------------------------------------------------------- the search
    type :: group_t
        character(kind=c_char), allocatable :: text(:)
        integer :: votes = 0
    end type
    type :: search_t
        type(host_t), pointer :: host
        integer(c_int64_t) :: root
        integer :: window, asked = 0, count = 0, group_count = 0
        type(ask_t) :: ask                            ! what next returned has to stay until the next call
        type(answer_t), allocatable :: ranking(:)
        integer(c_int64_t), allocatable :: nodes(:)
        integer, allocatable :: group_of(:)           ! for each node, the place of its answer in groups
        type(group_t), allocatable :: groups(:)
    end type

    ! ---------------------------------------------------------- what the plugin is
    character(kind=c_char, len=6), target :: window_id = 'window'
    character(kind=c_char, len=28), target :: window_help = 'samples that must all agree '
    character(kind=c_char, len=30), target :: strategy_id = 'org.example.early-stop-fortran'
    character(kind=c_char, len=18), target :: strategy_name = 'early-stop-fortran'
    character(kind=c_char, len=5), target :: version = '1.0.0'
    character(kind=c_char, len=40), target :: summary = 'Samples until a window of answers agrees'
    type(param_t), target :: params(1)
    type(strategy_t), target :: strategy
    type(c_ptr), target :: strategies(1)
    type(plugin_t), target :: plugin

contains

    recursive integer(c_int32_t) function create(host, info, made) bind(c)
        type(host_t), target, intent(in) :: host
        type(create_info_t), intent(in) :: info
        type(c_ptr), intent(out) :: made
        type(search_t), pointer :: self
        type(problem_t), pointer :: problem
        type(value_t), pointer :: window
        call c_f_pointer(info%problems, problem)
        call c_f_pointer(info%params, window)
        allocate (self)
        self%host => host
        self%root = problem%root
        self%window = int(window%i)
        allocate (self%nodes(64), self%group_of(64), self%groups(8))
        made = c_loc(self)
        create = ok
    end function

    recursive subroutine destroy(instance) bind(c)
        type(c_ptr), value :: instance
        type(search_t), pointer :: self
        call c_f_pointer(instance, self)
        deallocate (self) ! and what is allocated in it
    end subroutine

    ! The place of an answer in groups. Its text is the host's, and gone after this call: it is copied.
    recursive integer function place(self, text)
        type(search_t), intent(inout) :: self
        type(text_t), intent(in) :: text
        character(kind=c_char), pointer :: chars(:)
        type(group_t), allocatable :: larger(:)
        integer :: i
        call c_f_pointer(text%chars, chars, [text%length])
        do place = 1, self%group_count
            if (size(self%groups(place)%text) /= size(chars)) cycle
            if (all(self%groups(place)%text == chars)) return
        end do
        if (place > size(self%groups)) then
            allocate (larger(2 * size(self%groups)))
            do i = 1, self%group_count
                larger(i)%votes = self%groups(i)%votes
                call move_alloc(self%groups(i)%text, larger(i)%text)
            end do
            call move_alloc(larger, self%groups)
        end if
        self%group_count = place
        self%groups(place)%text = chars
    end function

    recursive subroutine add(self, node, group)
        type(search_t), intent(inout) :: self
        integer(c_int64_t), intent(in) :: node
        integer, intent(in) :: group
        if (self%count == size(self%nodes)) then
            self%nodes = [self%nodes, self%nodes]
            self%group_of = [self%group_of, self%group_of]
        end if
        self%count = self%count + 1
        self%nodes(self%count) = node
        self%group_of(self%count) = group
        self%groups(group)%votes = self%groups(group)%votes + 1
    end subroutine

    ! Adds the answers of a window. True if all of them are the same one, or no more will come.
    recursive logical function take(self, told)
        type(search_t), intent(inout) :: self
        type(told_t), intent(in) :: told
        procedure(get_node_f), pointer :: get_node
        integer(c_int64_t), pointer :: nodes(:)
        type(node_t) :: info
        integer :: i, first
        first = self%count + 1
        call c_f_procpointer(self%host%get_node, get_node)
        call c_f_pointer(told%nodes, nodes, [told%node_count])
        do i = 1, int(told%node_count)
            info = node_t(struct_size=int(c_sizeof(info), c_int32_t))
            if (get_node(self%host, nodes(i), info) /= ok) cycle
            if (iand(info%flags, answered) /= 0) call add(self, nodes(i), place(self, info%answer))
        end do
        take = self%count - first + 1 == self%window
        if (take) take = all(self%group_of(first:self%count) == self%group_of(first))
        take = take .or. told%node_count == 0 .or. told%outcome > 1 ! 0: all of it, 1: and something was cut
    end function

    ! The most common answer's nodes in front.
    recursive subroutine rank(self, next)
        type(search_t), target, intent(inout) :: self
        type(next_t), intent(inout) :: next
        integer :: i, pass, at, winner
        allocate (self%ranking(self%count + 1))
        winner = maxloc(self%groups(1:self%group_count)%votes, dim=1)
        at = 0
        do pass = 1, 2
            do i = 1, self%count
                if ((self%group_of(i) == winner) .neqv. pass == 1) cycle
                at = at + 1
                self%ranking(at) = answer_t(self%nodes(i), 1)
            end do
        end do
        next%kind = 2
        next%answers = c_loc(self%ranking)
        next%answer_count = at
    end subroutine

    recursive integer(c_int32_t) function next(instance, tell, out) bind(c)
        type(c_ptr), value :: instance
        type(tell_t), intent(in) :: tell
        type(next_t), intent(inout) :: out
        procedure(generations_left_f), pointer :: generations_left
        type(search_t), pointer :: self
        type(told_t), pointer :: told
        integer(c_int64_t) :: left
        integer(c_size_t) :: i
        integer(c_intptr_t) :: address
        logical :: over
        call c_f_pointer(instance, self)
        over = tell%event /= event_start .and. tell%event /= event_results
        address = transfer(tell%told, address)
        do i = 1, tell%told_count
            call c_f_pointer(transfer(address, tell%told), told)
            over = take(self, told) .or. over
            address = address + told%struct_size ! by their size, not by ours
        end do
        left = -1 ! without a limit: the largest number that C has
        if (.not. over .and. self%host%struct_size >= c_sizeof(self%host)) then
            call c_f_procpointer(self%host%generations_left, generations_left)
            if (generations_left(self%host, self%root, 0, left) /= ok) left = -1
        end if
        next = ok
        if (left < 0 .or. left > answers_max - self%asked) left = answers_max - self%asked
        if (over .or. left == 0) then
            call rank(self, out)
            return
        end if
        left = min(left, int(self%window, c_int64_t))
        self%asked = self%asked + int(left)
        self%ask = ask_t(struct_size=int(c_sizeof(self%ask), c_int32_t), kind=1, node=self%root, count=int(left, c_int32_t), &
            temperature=0.8_c_double)
        out%kind = 1
        out%asks = c_loc(self%ask)
        out%ask_count = 1
    end function

    ! A constant cannot have a procedure's address in it, so the block is filled in when it is asked for.
    recursive type(c_ptr) function entry() bind(c, name='stg_plugin_entry')
        entry = c_loc(plugin)
        if (plugin%magic /= 0) return
        params(1) = param_t(struct_size=int(c_sizeof(params(1)), c_int32_t), kind=1, id=text_t(c_loc(window_id), 6), &
            help=text_t(c_loc(window_help), 27), fallback=value_t(kind=1, i=4), min=1, max=1024)
        strategy = strategy_t(struct_size=int(c_sizeof(strategy), c_int32_t), id=text_t(c_loc(strategy_id), 30), &
            name=text_t(c_loc(strategy_name), 18), version=text_t(c_loc(version), 5), summary=text_t(c_loc(summary), 40), &
            params=c_loc(params), param_count=1, create=c_funloc(create), next=c_funloc(next), destroy=c_funloc(destroy))
        strategies(1) = c_loc(strategy)
        plugin = plugin_t(magic=int(z'314741545254530A', c_int64_t), struct_size=int(c_sizeof(plugin), c_int32_t), &
            name=text_t(c_loc(strategy_name), 18), version=text_t(c_loc(version), 5), &
            strategies=c_loc(strategies), strategy_count=1)
    end function
end module
