(* Early stopping (Li et al. 2024) in OCaml: sample answers a window at a time, and stop as soon as a whole window agrees.
   OCaml calls and is called through C: see stubs.c. *)

type host (* a pointer of C's *)
type node = int64

external answer : host -> node -> string option = "search_answer" (* a copy, or none *)
external room : host -> node -> int64 = "search_room"

type search = {
  host : host;
  root : node;
  window : int;
  mutable asked : int;
  mutable nodes : (node * int) list; (* the newest first, each with the number of its answer *)
  numbers : (string, int) Hashtbl.t;
  votes : (int, int) Hashtbl.t;
}

let answers_max = 1024

let create host root window =
  { host; root; window; asked = 0; nodes = []; numbers = Hashtbl.create 8; votes = Hashtbl.create 8 }

let number_of self text =
  match Hashtbl.find_opt self.numbers text with
  | Some number -> number
  | None ->
      let number = Hashtbl.length self.numbers in
      Hashtbl.add self.numbers text number;
      number

(* Adds the answers of a window. True if all of them are the same one. *)
let take self told =
  let add found node =
    match answer self.host node with
    | None -> found
    | Some text ->
        let number = number_of self text in
        Hashtbl.replace self.votes number (1 + Option.value ~default:0 (Hashtbl.find_opt self.votes number));
        self.nodes <- (node, number) :: self.nodes;
        number :: found
  in
  match Array.fold_left add [] told with
  | [] -> false
  | first :: _ as found -> List.length found = self.window && List.for_all (Int.equal first) found

(* How many answers to sample next; 0: none. *)
let count self =
  let left = room self.host self.root and most = min self.window (answers_max - self.asked) in
  let count = if Int64.unsigned_compare left (Int64.of_int most) < 0 then Int64.to_int left else most in
  self.asked <- self.asked + count;
  count

(* The most common answer's nodes in front. Of equals the one that came first wins, in whatever order the table is. *)
let rank self =
  let better number votes (best, most) = if votes > most || (votes = most && number < best) then (number, votes) else (best, most) in
  let winner, _ = Hashtbl.fold better self.votes (0, 0) in
  let front, others = List.partition (fun (_, number) -> number = winner) (List.rev self.nodes) in
  Array.of_list (List.map fst (front @ others))

let () =
  Callback.register "create" create;
  Callback.register "take" take;
  Callback.register "count" count;
  Callback.register "rank" rank
