--  Early stopping (Li et al. 2024) in Ada 2012: sample answers a window at a time, and stop as soon as a whole window
--  agrees.
with Ada.Containers.Indefinite_Hashed_Maps;
with Ada.Containers.Vectors;
with Ada.Strings.Hash;
with Ada.Unchecked_Deallocation;
with Interfaces;   use Interfaces;
with Interfaces.C; use Interfaces.C;
with System;       use System;
with System.Storage_Elements; use System.Storage_Elements;
--  Brings the tasking runtime in: with it, threads that Ada did not start have a secondary stack and a place for
--  exceptions of their own. Without it, they share those of one thread.
with Ada.Task_Identification;
pragma Unreferenced (Ada.Task_Identification);

package body Early_Stop is

   -------------------------------------------------------------------- stratagem.h, as far as it is used here

   type Text is record
      Data : Address := Null_Address;
      Size : size_t := 0;
   end record with Convention => C;
   type Value is record
      Kind, Reserved : Integer_32 := 0;
      I              : Integer_64 := 0;
      F              : double := 0.0;
      S              : Text;
   end record with Convention => C;
   type Ask is record
      Struct_Size     : Unsigned_32 := 0;
      Kind            : Integer_32 := 0;
      Tag             : Unsigned_64 := 0;
      Role            : Text;
      Node            : Unsigned_64 := 0;
      Count, Steps, Max_Tokens, Problem : Unsigned_32 := 0;
      Temperature, Top_P, Min_P         : double := 0.0;
      Nodes           : Address := Null_Address;
      Node_Count      : size_t := 0;
      Words           : Text;
      Params          : Address := Null_Address;
      Param_Count     : size_t := 0;
      Share           : double := 0.0;
      Max_Generations, Max_Tokens_Total : Unsigned_64 := 0;
   end record with Convention => C;
   type Told is record
      Struct_Size : Unsigned_32;
      Outcome     : Integer_32;
      Tag         : Unsigned_64;
      Nodes       : Address;
      Node_Count  : size_t;
   end record with Convention => C;
   type Tell is record
      Struct_Size : Unsigned_32;
      Event       : Integer_32;
      Tolds       : Address;
      Told_Count  : size_t;
   end record with Convention => C;
   type Answer is record
      Node   : Unsigned_64;
      Weight : double;
   end record with Convention => C;
   type Next_Turn is record
      Struct_Size  : Unsigned_32;
      Kind         : Integer_32;
      Asks         : Address;
      Ask_Count    : size_t;
      Answers      : Address;
      Answer_Count : size_t;
   end record with Convention => C;
   type Node_Info is record
      Struct_Size, Flags             : Unsigned_32 := 0;
      Parent                         : Unsigned_64 := 0;
      Problem, Depth, Steps, Tokens  : Unsigned_32 := 0;
      Log_Probability, Score         : double := 0.0;
      Words, Answer                  : Text;
   end record with Convention => C;
   type Host;
   type Host_Access is access all Host with Convention => C;
   type Get_Node_Call is access function (H : Host_Access; Node : Unsigned_64; Info : access Node_Info) return Integer_32
     with Convention => C;
   type Generations_Left_Call is access function
     (H : Host_Access; Node : Unsigned_64; Steps : Unsigned_32; Left : access Unsigned_64) return Integer_32
     with Convention => C;
   type Host is record
      Struct_Size      : Unsigned_32;
      Major, Minor     : Unsigned_16;
      Data             : Address;
      Get_Node         : Get_Node_Call;
      Step_Scores, Get_Budget, Random, Has_Role, Log, Set_Error, Get_Extension : Address;
      Generations_Left : Generations_Left_Call;
   end record with Convention => C;
   type Param is record
      Struct_Size     : Unsigned_32 := 0;
      Kind            : Integer_32 := 0;
      Id, Help        : Text;
      Fallback        : Value;
      Fallback_Text   : Text;
      Min, Max        : double := 0.0;
      Choices         : Address := Null_Address;
      Choice_Count    : size_t := 0;
      Flags, Reserved : Unsigned_32 := 0;
   end record with Convention => C;
   type Problem is record
      Struct_Size, Reserved : Unsigned_32;
      Words                 : Text;
      Root                  : Unsigned_64;
   end record with Convention => C;
   type Create_Info is record
      Struct_Size, Problem_Count : Unsigned_32;
      Problems, Params           : Address;
   end record with Convention => C;
   type Strategy is record
      Struct_Size, Flags                 : Unsigned_32 := 0;
      Id, Name, Version, Summary         : Text;
      Params                             : Address := Null_Address;
      Param_Count                        : size_t := 0;
      Create, Next, Save, Restore, Destroy, Roles : Address := Null_Address;
      Role_Count                         : size_t := 0;
   end record with Convention => C;
   type Plugin is record
      Magic          : Unsigned_64 := 16#3147_4154_5254_530A#;
      Struct_Size    : Unsigned_32 := 0;
      Major, Minor   : Unsigned_16 := 1;
      Name, Version  : Text;
      Strategies     : Address := Null_Address;
      Strategy_Count : size_t := 0;
      Functions      : Address := Null_Address;
      Function_Count : size_t := 0;
      Get_Extension  : Address := Null_Address;
   end record with Convention => C;

   Ok       : constant Integer_32 := 0;
   Failed   : constant Integer_32 := 1;
   Start    : constant Integer_32 := 1;
   Results  : constant Integer_32 := 2;
   Answered : constant Unsigned_32 := 8;

   Answers_Max : constant Unsigned_64 := 1024;

   ------------------------------------------------------------------------------------------------ the search

   package Places is new Ada.Containers.Indefinite_Hashed_Maps (String, Positive, Ada.Strings.Hash, "=");
   package Numbers is new Ada.Containers.Vectors (Positive, Natural);
   package Node_Lists is new Ada.Containers.Vectors (Positive, Unsigned_64);

   type Ranking is array (Positive range <>) of Answer with Convention => C;
   type Ranking_Access is access Ranking;
   type Search is record
      The_Host : Host_Access;
      Root     : Unsigned_64;
      Window   : Unsigned_32;
      Asked    : Unsigned_64 := 0;
      The_Ask  : aliased Ask;         --  what Next returned has to stay until the next call
      Ranked   : Ranking_Access;
      Nodes    : Node_Lists.Vector;
      Group_Of : Numbers.Vector;      --  for each node, the place of its answer in Votes
      Votes    : Numbers.Vector;
      Place_Of : Places.Map;
   end record;
   type Search_Access is access all Search with Convention => C;
   procedure Free is new Ada.Unchecked_Deallocation (Search, Search_Access);
   procedure Free is new Ada.Unchecked_Deallocation (Ranking, Ranking_Access);

   function Create (H : Host_Access; Info : access Create_Info; Made : access Search_Access) return Integer_32
     with Convention => C;
   function Next (Self : Search_Access; T : access Tell; Turn : access Next_Turn) return Integer_32 with Convention => C;
   procedure Destroy (Self : Search_Access) with Convention => C;

   function Create (H : Host_Access; Info : access Create_Info; Made : access Search_Access) return Integer_32 is
      First  : Problem with Import, Address => Info.Problems;
      Window : Value with Import, Address => Info.Params;
   begin
      Made.all := new Search'(The_Host => H, Root => First.Root, Window => Unsigned_32 (Window.I), others => <>);
      return Ok;
   exception
      when others => return Failed; --  no exception may leave the plugin
   end Create;

   procedure Destroy (Self : Search_Access) is
      Gone : Search_Access := Self;
   begin
      Free (Self.Ranked);
      Free (Gone);
   end Destroy;

   --  The answer in a node's text, or "". A text is the host's, and gone after this call: this is a copy.
   function Answer_Of (Self : Search; Node : Unsigned_64) return String is
      Info : aliased Node_Info := (Struct_Size => Node_Info'Size / 8, others => <>);
   begin
      if Self.The_Host.Get_Node (Self.The_Host, Node, Info'Access) /= Ok or else (Info.Flags and Answered) = 0 then
         return "";
      end if;
      declare
         Chars : String (1 .. Natural (Info.Answer.Size)) with Import, Address => Info.Answer.Data;
      begin
         return Chars;
      end;
   end Answer_Of;

   function Place (Self : in out Search; Chars : String) return Positive is
      Found : constant Places.Cursor := Self.Place_Of.Find (Chars);
   begin
      if Places.Has_Element (Found) then
         return Places.Element (Found);
      end if;
      Self.Votes.Append (0);
      Self.Place_Of.Insert (Chars, Self.Votes.Last_Index);
      return Self.Votes.Last_Index;
   end Place;

   --  Adds the answers of a window. True if all of them are the same one, or no more will come.
   function Take (Self : in out Search; T : Told) return Boolean is
      Nodes  : array (1 .. Natural (T.Node_Count)) of Unsigned_64 with Import, Address => T.Nodes;
      First  : constant Positive := Self.Group_Of.Last_Index + 1;
      Agrees : Boolean;
   begin
      for Node of Nodes loop
         declare
            Chars : constant String := Answer_Of (Self, Node);
            Group : Positive;
         begin
            if Chars /= "" then
               Group := Place (Self, Chars);
               Self.Votes (Group) := Self.Votes (Group) + 1;
               Self.Nodes.Append (Node);
               Self.Group_Of.Append (Group);
            end if;
         end;
      end loop;
      Agrees := Unsigned_32 (Self.Group_Of.Last_Index + 1 - First) = Self.Window;
      for I in First .. Self.Group_Of.Last_Index loop
         Agrees := Agrees and then Self.Group_Of (I) = Self.Group_Of (First);
      end loop;
      return Agrees or else T.Node_Count = 0 or else T.Outcome > 1; --  0: all of it, 1: and something was cut
   end Take;

   --  The most common answer's nodes in front.
   procedure Rank (Self : in out Search; Turn : in out Next_Turn) is
      Winner, At_Place : Natural := 0;
   begin
      for Group in 1 .. Self.Votes.Last_Index loop
         if Winner = 0 or else Self.Votes (Group) > Self.Votes (Winner) then
            Winner := Group;
         end if;
      end loop;
      Self.Ranked := new Ranking (1 .. Self.Nodes.Last_Index + 1);
      for Is_Front in reverse Boolean loop
         for I in 1 .. Self.Nodes.Last_Index loop
            if (Self.Group_Of (I) = Winner) = Is_Front then
               At_Place := At_Place + 1;
               Self.Ranked (At_Place) := (Self.Nodes (I), 1.0);
            end if;
         end loop;
      end loop;
      Turn.Kind := 2;
      Turn.Answers := Self.Ranked (1)'Address;
      Turn.Answer_Count := size_t (At_Place);
   end Rank;

   function Next (Self : Search_Access; T : access Tell; Turn : access Next_Turn) return Integer_32 is
      Over  : Boolean := T.Event /= Start and then T.Event /= Results;
      Left  : aliased Unsigned_64 := Unsigned_64'Last;
      Where : Address := T.Tolds;
   begin
      for I in 1 .. T.Told_Count loop
         declare
            One : Told with Import, Address => Where;
         begin
            Over := Take (Self.all, One) or else Over;
            Where := Where + Storage_Offset (One.Struct_Size); --  by their size, not by ours
         end;
      end loop;
      if Over then
         Left := 0;
      elsif Self.The_Host.Struct_Size >= Host'Size / 8
        and then Self.The_Host.Generations_Left (Self.The_Host, Self.Root, 0, Left'Access) /= Ok
      then
         Left := Unsigned_64'Last;
      end if;
      Left := Unsigned_64'Min (Left, Answers_Max - Self.Asked);
      if Left = 0 then
         Rank (Self.all, Turn.all);
         return Ok;
      end if;
      Self.The_Ask :=
        (Struct_Size => Ask'Size / 8, Kind => 1, Node => Self.Root, Temperature => 0.8,
         Count => Unsigned_32 (Unsigned_64'Min (Left, Unsigned_64 (Self.Window))), others => <>);
      Self.Asked := Self.Asked + Unsigned_64 (Self.The_Ask.Count);
      Turn.Kind := 1;
      Turn.Asks := Self.The_Ask'Address;
      Turn.Ask_Count := 1;
      return Ok;
   exception
      when others => return Failed;
   end Next;

   ------------------------------------------------------------------------------------------------ what the plugin is

   Window_Id     : aliased constant String := "window";
   Window_Help   : aliased constant String := "samples that must all agree";
   Strategy_Id   : aliased constant String := "org.example.early-stop-ada";
   Strategy_Name : aliased constant String := "early-stop-ada";
   Version       : aliased constant String := "1.0.0";
   Summary       : aliased constant String := "Samples until a window of answers agrees";

   Window : aliased constant Param :=
     (Struct_Size => Param'Size / 8, Kind => 1, Id => (Window_Id'Address, Window_Id'Length),
      Help => (Window_Help'Address, Window_Help'Length), Fallback => (Kind => 1, I => 4, others => <>), Min => 1.0,
      Max => 1024.0, others => <>);
   The_Strategy : aliased constant Strategy :=
     (Struct_Size => Strategy'Size / 8, Id => (Strategy_Id'Address, Strategy_Id'Length),
      Name => (Strategy_Name'Address, Strategy_Name'Length), Version => (Version'Address, Version'Length),
      Summary => (Summary'Address, Summary'Length), Params => Window'Address, Param_Count => 1,
      Create => Create'Address, Next => Next'Address, Destroy => Destroy'Address, others => <>);
   Strategies : aliased constant Address := The_Strategy'Address;
   The_Plugin : aliased constant Plugin :=
     (Struct_Size => Plugin'Size / 8, Name => (Strategy_Name'Address, Strategy_Name'Length),
      Version => (Version'Address, Version'Length), Strategies => Strategies'Address, Strategy_Count => 1, others => <>);

   function Entry_Point return Address is (The_Plugin'Address);

end Early_Stop;
