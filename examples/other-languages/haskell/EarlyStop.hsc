-- | Early stopping (Li et al. 2024) in Haskell: sample answers a window at a time, and stop as soon as a whole window
-- agrees. hsc2hs reads the layouts from the header; start.c starts the runtime, and says what the plugin is.
module EarlyStop () where

import Control.Exception (SomeException, try)
import Control.Monad (foldM)
import qualified Data.ByteString as B
import Data.Int (Int32, Int64)
import Data.IORef
import Data.List (partition)
import qualified Data.Map.Strict as Map
import Data.Word (Word32, Word64)
import Foreign

#include "stratagem.h"

type Node = Word64
type Status = Int32
data Host
data Info
data Tell
data Told
data Next

-- | What next returned has to stay until the next call: `ask` and `ranking` are memory of C's.
data Search = Search { host :: Ptr Host, root :: Node, window :: Int, ask :: Ptr (), ranking :: IORef (Ptr ()), state :: IORef State }

-- | The nodes, newest first, each with the number of its answer; the number of each answer, and its votes.
data State = State { nodes :: [(Node, Int)], numbers :: !(Map.Map B.ByteString Int), votes :: !(Map.Map Int Int), asked :: !Word64 }

answersMax :: Word64
answersMax = 1024

type GetNode = Ptr Host -> Node -> Ptr () -> IO Status
type GenerationsLeft = Ptr Host -> Node -> Word32 -> Ptr Word64 -> IO Status
foreign import ccall unsafe "dynamic" callGetNode :: FunPtr GetNode -> GetNode
foreign import ccall unsafe "dynamic" callGenerationsLeft :: FunPtr GenerationsLeft -> GenerationsLeft
foreign export ccall "search_create" create :: Ptr Host -> Ptr Info -> Ptr (StablePtr Search) -> IO Status
foreign export ccall "search_next" next :: StablePtr Search -> Ptr Tell -> Ptr Next -> IO Status
foreign export ccall "search_destroy" destroy :: StablePtr Search -> IO ()

-- | No exception may leave the plugin.
guarded :: IO () -> IO Status
guarded body = either failed (const #{const STG_OK}) <$> try body
  where failed problem = const #{const STG_ERROR} (problem :: SomeException)

create :: Ptr Host -> Ptr Info -> Ptr (StablePtr Search) -> IO Status
create theHost info out = guarded $ do
  problem <- #{peek stg_create_info, problems} info :: IO (Ptr ())
  params <- #{peek stg_create_info, params} info :: IO (Ptr ())
  theRoot <- #{peek stg_problem, root} problem
  theWindow <- #{peek stg_value, i} params :: IO Int64
  search <- Search theHost theRoot (fromIntegral theWindow) <$> callocBytes #{size stg_ask} <*> newIORef nullPtr
    <*> newIORef (State [] Map.empty Map.empty 0)
  newStablePtr search >>= poke out

destroy :: StablePtr Search -> IO ()
destroy pointer = do
  search <- deRefStablePtr pointer
  free (ask search)
  readIORef (ranking search) >>= free
  freeStablePtr pointer

-- | The answer in a node's text, if there is one: a copy, since the text is the host's, and gone after this call.
answer :: Search -> Node -> IO (Maybe B.ByteString)
answer search node = allocaBytes #{size stg_node_info} $ \info -> do
  fillBytes info 0 #{size stg_node_info}
  #{poke stg_node_info, struct_size} info (#{size stg_node_info} :: Word32)
  getNode <- #{peek stg_host, get_node} (host search)
  status <- callGetNode getNode (host search) node info
  flags <- #{peek stg_node_info, flags} info :: IO Word32
  if status /= #{const STG_OK} || flags .&. #{const STG_NODE_ANSWERED} == 0 then return Nothing else do
    chars <- #{peek stg_node_info, answer.data} info
    size <- #{peek stg_node_info, answer.size} info :: IO Word64
    Just <$> B.packCStringLen (chars, fromIntegral size)

-- | How many answers the budget still has room for. Hosts of ABI 1.0 do not say.
room :: Search -> IO Word64
room search = with maxBound $ \left -> do
  size <- #{peek stg_host, struct_size} (host search) :: IO Word32
  if size < #{size stg_host} then return maxBound else do
    generationsLeft <- #{peek stg_host, generations_left} (host search)
    _ <- callGenerationsLeft generationsLeft (host search) (root search) 0 left
    peek left

-- | Adds the answers of a window. True if all of them are the same one, or no more will come.
take' :: Search -> Ptr Told -> IO Bool
take' search told = do
  count <- #{peek stg_told, node_count} told :: IO Word64
  start <- #{peek stg_told, nodes} told
  outcome <- #{peek stg_told, outcome} told :: IO Int32
  found <- peekArray (fromIntegral count) start >>= foldM add []
  let agrees = length found == window search && all (== head found) found
  return (agrees || count == 0 || outcome `notElem` [#{const STG_OUTCOME_OK}, #{const STG_OUTCOME_TRUNCATED}])
  where
    add found node = answer search node >>= maybe (return found) (fmap (: found) . vote node)
    vote node text = do
      State old known counts soFar <- readIORef (state search)
      let number = Map.findWithDefault (Map.size known) text known
      writeIORef (state search) $! State ((node, number) : old) (Map.insert text number known) (Map.insertWith (+) number 1 counts) soFar
      return number

-- | The most common answer's nodes in front; of equals the one that came first.
rank :: Search -> Ptr Next -> IO ()
rank search out = do
  State found _ counts _ <- readIORef (state search)
  let winner = snd (maximum ((0, 0) : [(count, negate number) | (number, count) <- Map.toList counts]))
      (front, others) = partition ((== negate winner) . snd) (reverse found)
      ranked = map fst (front ++ others)
      place memory i = plusPtr memory (i * #{size stg_answer})
  memory <- callocBytes (#{size stg_answer} * (1 + length ranked))
  writeIORef (ranking search) memory
  mapM_ (\(i, node) -> #{poke stg_answer, node} (place memory i) node >> #{poke stg_answer, weight} (place memory i) (1 :: Double))
    (zip [0 ..] ranked)
  #{poke stg_next, kind} out (#{const STG_NEXT_DONE} :: Int32)
  #{poke stg_next, answers} out memory
  #{poke stg_next, answer_count} out (fromIntegral (length ranked) :: Word64)

next :: StablePtr Search -> Ptr Tell -> Ptr Next -> IO Status
next pointer tell out = guarded $ do
  search <- deRefStablePtr pointer
  event <- #{peek stg_tell, event} tell :: IO Int32
  count <- #{peek stg_tell, told_count} tell :: IO Word64
  first <- #{peek stg_tell, told} tell
  let walk _ 0 = return False
      walk told left = do
        size <- #{peek stg_told, struct_size} told :: IO Word32 -- by their size, not by ours
        isOver <- take' search told
        (isOver ||) <$> walk (plusPtr told (fromIntegral size)) (left - 1)
  settled <- walk first count
  soFar <- asked <$> readIORef (state search)
  left <- min (answersMax - soFar) <$> room search
  if settled || event `notElem` [#{const STG_EVENT_START}, #{const STG_EVENT_RESULTS}] || left == 0 then rank search out else do
    #{poke stg_ask, struct_size} (ask search) (#{size stg_ask} :: Word32)
    #{poke stg_ask, kind} (ask search) (#{const STG_ASK_SAMPLE} :: Int32)
    #{poke stg_ask, node} (ask search) (root search)
    let wanted = min left (fromIntegral (window search))
    modifyIORef' (state search) (\old -> old { asked = soFar + wanted })
    #{poke stg_ask, count} (ask search) (fromIntegral wanted :: Word32)
    #{poke stg_ask, temperature} (ask search) (0.8 :: Double)
    #{poke stg_next, kind} out (#{const STG_NEXT_ASKS} :: Int32)
    #{poke stg_next, asks} out (ask search)
    #{poke stg_next, ask_count} out (1 :: Word64)
