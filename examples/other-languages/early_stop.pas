{ Early stopping (Li et al. 2024) in Free Pascal: sample answers a window at a time, and stop as soon as a whole window
  agrees. }
library early_stop;

{$mode objfpc}{$H+}{$packrecords C}

uses
  cmem,     { the heap of C: Pascal's own keeps a part for each thread, and knows only threads that Pascal started }
  cthreads; { so that thread variables are there on any thread }

{ ------------------------------------------------------------- stratagem.h, as far as it is used here }
type
  TText = record
    Data: PAnsiChar;
    Size: SizeUInt;
  end;
  TValue = record
    Kind, Reserved: Int32;
    I: Int64;
    F: Double;
    S: TText;
  end;
  TAsk = record
    StructSize: UInt32;
    Kind: Int32;
    Tag: UInt64;
    Role: TText;
    Node: UInt64;
    Count, Steps, MaxTokens, Problem: UInt32;
    Temperature, TopP, MinP: Double;
    Nodes: PUInt64;
    NodeCount: SizeUInt;
    Text: TText;
    Params: Pointer;
    ParamCount: SizeUInt;
    Share: Double;
    MaxGenerations, MaxTokensTotal: UInt64;
  end;
  TTold = record
    StructSize: UInt32;
    Outcome: Int32;
    Tag: UInt64;
    Nodes: PUInt64;
    NodeCount: SizeUInt;
  end;
  PTold = ^TTold;
  TTell = record
    StructSize: UInt32;
    Event: Int32;
    Told: PTold;
    ToldCount: SizeUInt;
  end;
  TAnswer = record
    Node: UInt64;
    Weight: Double;
  end;
  TNext = record
    StructSize: UInt32;
    Kind: Int32;
    Asks: ^TAsk;
    AskCount: SizeUInt;
    Answers: ^TAnswer;
    AnswerCount: SizeUInt;
  end;
  TNodeInfo = record
    StructSize, Flags: UInt32;
    Parent: UInt64;
    Problem, Depth, Steps, Tokens: UInt32;
    LogProbability, Score: Double;
    Text, Answer: TText;
  end;
  PHost = ^THost;
  THost = record
    StructSize: UInt32;
    Major, Minor: UInt16;
    Data: Pointer;
    GetNode: function(Host: PHost; Node: UInt64; out Info: TNodeInfo): Int32; cdecl;
    StepScores, GetBudget, Random, HasRole, Log, SetError, GetExtension: Pointer;
    GenerationsLeft: function(Host: PHost; Node: UInt64; Steps: UInt32; out Left: UInt64): Int32; cdecl;
  end;
  TParam = record
    StructSize: UInt32;
    Kind: Int32;
    Id, Help: TText;
    Fallback: TValue;
    FallbackText: TText;
    Min, Max: Double;
    Choices: Pointer;
    ChoiceCount: SizeUInt;
    Flags, Reserved: UInt32;
  end;
  TProblem = record
    StructSize, Reserved: UInt32;
    Text: TText;
    Root: UInt64;
  end;
  TCreateInfo = record
    StructSize, ProblemCount: UInt32;
    Problems: ^TProblem;
    Params: ^TValue;
  end;

  { ------------------------------------------------------------------------------------------- the search }
  TGroup = record
    Answer: AnsiString;
    Votes: SizeInt;
  end;
  TSearch = class
    Host: PHost;
    Root: UInt64;
    Window, Asked: Int32;
    Ask: TAsk;                  { what Next returned has to stay until the next call }
    Ranking: array of TAnswer;
    Nodes: array of UInt64;     { the first Count of them }
    GroupOf: array of SizeInt;  { for each node, the place of its answer in Groups }
    Groups: array of TGroup;
    Count: SizeInt;
    function Place(const Text: TText): SizeInt;
    function Take(const Told: TTold): Boolean;
    procedure Rank(var Next: TNext);
  end;

  TStrategy = record
    StructSize, Flags: UInt32;
    Id, Name, Version, Summary: TText;
    Params: ^TParam;
    ParamCount: SizeUInt;
    Create: function(Host: PHost; constref Info: TCreateInfo; out Made: TSearch): Int32; cdecl;
    Next: function(Self: TSearch; constref Tell: TTell; var Turn: TNext): Int32; cdecl;
    Save, Restore: Pointer;
    Destroy: procedure(Self: TSearch); cdecl;
    Roles: Pointer;
    RoleCount: SizeUInt;
  end;
  PStrategy = ^TStrategy;
  TPlugin = record
    Magic: UInt64;
    StructSize: UInt32;
    Major, Minor: UInt16;
    Name, Version: TText;
    Strategies: ^PStrategy;
    StrategyCount: SizeUInt;
    Functions: Pointer;
    FunctionCount: SizeUInt;
    GetExtension: Pointer;
  end;
  PPlugin = ^TPlugin;

const
  OK = 0;
  EventStart = 1;
  EventResults = 2;
  NodeAnswered = 8;
  OutOfMemory = 4;
  AnswersMax = 1024;

{ The place of an answer in Groups. Its text is the host's, and gone after this call: it is copied. }
function TSearch.Place(const Text: TText): SizeInt;
var
  Answer: AnsiString;
begin
  SetString(Answer, Text.Data, Text.Size);
  for Result := 0 to High(Groups) do
    if Groups[Result].Answer = Answer then Exit;
  Result := Length(Groups);
  SetLength(Groups, Result + 1);
  Groups[Result].Answer := Answer;
end;

{ Adds the answers of a window. True if all of them are the same one, or no more will come. }
function TSearch.Take(const Told: TTold): Boolean;
var
  Info: TNodeInfo;
  First, I: SizeInt;
begin
  First := Count;
  for I := 0 to SizeInt(Told.NodeCount) - 1 do
  begin
    Info.StructSize := SizeOf(Info);
    if (Host^.GetNode(Host, Told.Nodes[I], Info) <> OK) or (Info.Flags and NodeAnswered = 0) then Continue;
    if Count = Length(Nodes) then
    begin
      SetLength(Nodes, 2 * Count + 64);
      SetLength(GroupOf, 2 * Count + 64);
    end;
    Nodes[Count] := Told.Nodes[I];
    GroupOf[Count] := Place(Info.Answer);
    Inc(Groups[GroupOf[Count]].Votes);
    Inc(Count);
  end;
  Result := Count - First = Window;
  for I := First to Count - 1 do Result := Result and (GroupOf[I] = GroupOf[First]);
  Result := Result or (Told.NodeCount = 0) or (Told.Outcome > 1); { 0: all of it, 1: and something was cut }
end;

{ The most common answer's nodes in front. }
procedure TSearch.Rank(var Next: TNext);
var
  Winner, I, At: SizeInt;
  IsFront: Boolean;
begin
  Winner := 0;
  At := 0;
  for I := 1 to High(Groups) do
    if Groups[I].Votes > Groups[Winner].Votes then Winner := I;
  SetLength(Ranking, Count);
  for IsFront := True downto False do
    for I := 0 to Count - 1 do
      if (GroupOf[I] = Winner) = IsFront then
      begin
        Ranking[At].Node := Nodes[I];
        Ranking[At].Weight := 1;
        Inc(At);
      end;
  Next.Kind := 2;
  Next.Answers := Pointer(Ranking);
  Next.AnswerCount := Count;
end;

function CreateSearch(Host: PHost; constref Info: TCreateInfo; out Made: TSearch): Int32; cdecl;
begin
  Made := TSearch.Create;
  if Made = nil then Exit(OutOfMemory);
  Made.Host := Host;
  Made.Root := Info.Problems^.Root;
  Made.Window := Info.Params^.I;
  Result := OK;
end;

procedure DestroySearch(Self: TSearch); cdecl;
begin
  Self.Free;
end;

function NextTurn(Self: TSearch; constref Tell: TTell; var Turn: TNext): Int32; cdecl;
var
  Over: Boolean;
  Left: UInt64;
  Told: PTold;
  I: SizeUInt;
begin
  Over := (Tell.Event <> EventStart) and (Tell.Event <> EventResults);
  Told := Tell.Told;
  I := 0;
  while I < Tell.ToldCount do
  begin
    Over := Self.Take(Told^) or Over;
    Told := PTold(PByte(Told) + Told^.StructSize); { by their size, not by ours }
    Inc(I);
  end;
  Left := High(UInt64);
  if Over then
    Left := 0
  else if Self.Host^.StructSize >= SizeOf(THost) then
    Self.Host^.GenerationsLeft(Self.Host, Self.Root, 0, Left);
  if Left > UInt64(AnswersMax - Self.Asked) then Left := AnswersMax - Self.Asked;
  Result := OK;
  if Left = 0 then
  begin
    Self.Rank(Turn);
    Exit;
  end;
  if Left > UInt64(Self.Window) then Left := Self.Window;
  Self.Ask := Default(TAsk);
  Self.Ask.StructSize := SizeOf(TAsk);
  Self.Ask.Kind := 1;
  Self.Ask.Node := Self.Root;
  Self.Ask.Count := Left;
  Self.Ask.Temperature := 0.8;
  Inc(Self.Asked, Left);
  Turn.Kind := 1;
  Turn.Asks := @Self.Ask;
  Turn.AskCount := 1;
end;

{ ------------------------------------------------------------------------------------- what the plugin is }
const
  Window: TParam = (
    StructSize: SizeOf(TParam); Kind: 1; Id: (Data: 'window'; Size: 6);
    Help: (Data: 'samples that must all agree'; Size: 27); Fallback: (Kind: 1; Reserved: 0; I: 4; F: 0; S: (Data: nil; Size: 0));
    FallbackText: (Data: nil; Size: 0); Min: 1; Max: 1024; Choices: nil; ChoiceCount: 0; Flags: 0; Reserved: 0);
  Strategy: TStrategy = (
    StructSize: SizeOf(TStrategy); Flags: 0; Id: (Data: 'org.example.early-stop-pascal'; Size: 29);
    Name: (Data: 'early-stop-pascal'; Size: 17); Version: (Data: '1.0.0'; Size: 5);
    Summary: (Data: 'Samples until a window of answers agrees'; Size: 40); Params: @Window; ParamCount: 1;
    Create: @CreateSearch; Next: @NextTurn; Save: nil; Restore: nil; Destroy: @DestroySearch; Roles: nil; RoleCount: 0);
  Strategies: PStrategy = @Strategy;
  Plugin: TPlugin = (
    Magic: $314741545254530A; StructSize: SizeOf(TPlugin); Major: 1; Minor: 1;
    Name: (Data: 'early-stop-pascal'; Size: 17); Version: (Data: '1.0.0'; Size: 5); Strategies: @Strategies; StrategyCount: 1;
    Functions: nil; FunctionCount: 0; GetExtension: nil);

function PluginEntry: PPlugin; cdecl;
begin
  Result := @Plugin;
end;

exports
  PluginEntry name 'stg_plugin_entry';

begin
  IsMultiThread := True; { or thread variables are plain ones, since Pascal has started no thread }
end.
